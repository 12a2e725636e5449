package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

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

    /// A recovery begins the change counter anew, and the WAL with salts at random: that as many
    /// commits were counted as can be read proves nothing then.
    @Test
    void aCountIsNoProofAcrossSaltsThatNoResetsExplain() throws Exception {
        Path database = folder.resolve("app.db");
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                application.tell("sql PRAGMA busy_timeout=0");
                live.letGoEntirely();
                WalIndexHeader before = oracle(live);
                application.tell(TRUNCATE);
                application.tell(COMMIT);
                assertThat(live.takeAgain()).isTrue();
                StepAside stepAside = new StepAside(live, Timekeeper.system());
                assertThat(stepAside.provenEnd(before.end(), before)).isPresent();
                for (int drawn : new int[] {before.salt1() - 1_000_000, before.salt1() + 2}) {
                    WalIndexHeader recovered = withSalt(before, drawn);
                    assertThat(stepAside.provenEnd(recovered.end(), recovered)).isEmpty();
                }
            }
        }
    }

    private static WalIndexHeader withSalt(WalIndexHeader found, int salt1) {
        return new WalIndexHeader(
                found.changeCounter(),
                found.bigEndianChecksums(),
                found.pageSize(),
                found.maxFrame(),
                found.databasePages(),
                found.frameChecksum1(),
                found.frameChecksum2(),
                salt1,
                found.salt2(),
                found.backfilled(),
                found.backfillAttempted());
    }

    /// Who waits for somebody else's reader is not waited for until it gives up.
    @Test
    void aCheckpointerThatWaitsForAnotherReaderIsLeftToItself() throws Exception {
        Path database = folder.resolve("app.db");
        try (Application application = Application.start(database, 1);
                Application reader = Application.start(database, 2)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            application.tell(COMMIT);
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                WalIndexHeader before = oracle(live);
                application.begin(TRUNCATE);
                while (!live.isWriterKeptOutByCheckpointer()) {
                    Thread.onSpinWait();
                }
                AtomicLong clock = new AtomicLong();
                Timekeeper fast =
                        new Timekeeper(InstantSource.system(), () -> clock.addAndGet(10_000_000));
                assertThat(new StepAside(live, fast).run(before)).isTrue();
                assertThat(application.hasReplied()).isFalse();
            }
        }
    }

    @Test
    void aGuardStandsAfterwards() throws Exception {
        assertWalIsKeptAfterwards(0, true);
    }

    @Test
    void thePinIsTakenAgainWhereNoGuardCanStand() throws Exception {
        assertWalIsKeptAfterwards(3, false);
    }

    /// The pin and these readers have a mark each, of the four that there are.
    private void assertWalIsKeptAfterwards(int readers, boolean isGuarded) throws Exception {
        Path database = folder.resolve("app.db");
        List<SqliteConnection> reading = new ArrayList<>();
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                for (int i = 0; i < readers; i++) {
                    application.tell(COMMIT);
                    SqliteConnection reader = SqliteConnection.open(database).orElseThrow();
                    reading.add(reader);
                    assertThat(reader.take()).isTrue();
                }
                application.tell(COMMIT);
                WalIndexHeader before = oracle(live);
                StepAside stepAside = new StepAside(live, Timekeeper.system());
                assertThat(stepAside.run(before)).isEqualTo(isGuarded);
                for (SqliteConnection reader : reading) {
                    reader.letGo();
                }
                application.tell("sql PRAGMA busy_timeout=0");
                application.tell(TRUNCATE);
                application.tell(COMMIT);
                assertThat(oracle(live).end().sameGeneration(before.end())).isTrue();
            } finally {
                for (SqliteConnection reader : reading) {
                    reader.close();
                }
            }
        }
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
