package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What is proven after the pin was let go: that every commit made meanwhile can still be read.
final class StepAsideTest {
    private static final String TRUNCATE = "sql PRAGMA wal_checkpoint(TRUNCATE)";
    private static final String COMMIT = "fast 1";

    @TempDir private Path folder;

    @Test
    void commitsInTheSameWalAreProven() throws Exception {
        assertThat(framesProvenAfter(COMMIT, COMMIT)).hasValueSatisfying(this::isSomething);
    }

    @Test
    void aResetWithNothingLostIsProven() throws Exception {
        assertThat(framesProvenAfter(TRUNCATE)).contains(0L);
    }

    /// As an application makes them that checkpoints in a loop, or several that have just started.
    @Test
    void resetsInARowWithNothingCommittedBetweenThemAreProven() throws Exception {
        assertThat(framesProvenAfter(TRUNCATE, TRUNCATE, TRUNCATE)).contains(0L);
    }

    @Test
    void commitsAfterTheLastOfSeveralResetsAreProven() throws Exception {
        assertThat(framesProvenAfter(TRUNCATE, TRUNCATE, COMMIT, COMMIT))
                .hasValueSatisfying(this::isSomething);
    }

    @Test
    void aCommitBeforeAResetIsNoticed() throws Exception {
        assertThat(framesProvenAfter(COMMIT, TRUNCATE)).isEmpty();
        assertThat(framesProvenAfter(COMMIT, TRUNCATE, COMMIT)).isEmpty();
    }

    @Test
    void aCommitBetweenTwoResetsIsNoticed() throws Exception {
        assertThat(framesProvenAfter(TRUNCATE, COMMIT, TRUNCATE)).isEmpty();
        assertThat(framesProvenAfter(TRUNCATE, COMMIT, TRUNCATE, COMMIT)).isEmpty();
    }

    private void isSomething(long frames) {
        assertThat(frames).isPositive();
    }

    /// Up to which frame all is proven, after the application has done this while there was no pin.
    private Optional<Long> framesProvenAfter(String... commands) throws Exception {
        Path database = folder.resolve(String.join("", List.of(commands)).hashCode() + ".db");
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                WalIndexHeader before = oracle(live);
                live.letGoEntirely();
                for (String command : commands) {
                    application.tell(command);
                }
                assertThat(live.takeAgain()).isTrue();
                Optional<WalPosition> end =
                        new StepAside(live, Timekeeper.system()).provenEnd(before.end(), before);
                assertThat(end).isIn(Optional.empty(), Optional.of(oracle(live).end()));
                return end.map(WalPosition::frame);
            }
        }
    }

    private static WalIndexHeader oracle(LiveDatabase live) throws IOException {
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)) {
            return found;
        }
        throw new AssertionError("the wal-index is not whole");
    }
}
