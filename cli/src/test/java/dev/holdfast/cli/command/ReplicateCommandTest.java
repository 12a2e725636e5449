package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.Reached;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEnd;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

final class ReplicateCommandTest {
    @Test
    void aStopNamesWhatWaits() {
        assertThat(ReplicateCommand.missing(end(true, 867, reached("a", 627, 523_000, true))))
                .isEqualTo("transactions 628 to 867 (523 kB) are not in the archive yet");
    }

    @Test
    void aStopBeforeAnythingWasFollowedBlamesNoSnapshot() {
        assertThat(ReplicateCommand.missing(end(false, 0, reached("a", 0, 0, false))))
                .isEqualTo("nothing was captured, as the database could not be followed");
    }

    @Test
    void aStopThatCouldNotReadTheRestSaysFromWhere() {
        assertThat(ReplicateCommand.missing(end(false, 9, reached("a", 9, 0, true))))
                .isEqualTo("what was committed after transaction 9 could not be read");
    }

    @Test
    void aStopDuringTheFirstSnapshotSaysSo() {
        assertThat(ReplicateCommand.missing(end(true, 9, reached("a", 9, 0, false))))
                .startsWith("the first snapshot is not complete");
    }

    @Test
    void aStopThatLeftSomethingUndoneNamesTheTroubleThatKeptIt() {
        FollowerEnd end = end(true, 867, reached("a", 627, 523_000, true));
        assertThatThrownBy(() -> ReplicateCommand.exitOf(end, Optional.of("the store is gone")))
                .isInstanceOf(SidecarException.NotDurable.class)
                .hasMessageEndingWith(
                        "are not in the archive yet; the last trouble: the store is gone");
    }

    @Test
    void eachOfSeveralArchivesSaysWhatItLacks() {
        FollowerEnd end =
                end(
                        true,
                        867,
                        reached("a", 867, 0, true),
                        reached("b", 627, 523_000, true),
                        new Reached("c", false, 0, 523_000, false));
        assertThat(ReplicateCommand.missing(end))
                .isEqualTo(
                        "transactions 628 to 867 (523 kB) are not in b yet; nothing could be sent"
                                + " to c");
        assertThat(
                        ReplicateCommand.missing(
                                end(true, 9, reached("a", 9, 0, true), reached("b", 9, 0, false))))
                .isEqualTo(
                        "the first snapshot in b is not complete, so that nothing can be restored");
    }

    private static FollowerEnd end(boolean isAllCaptured, long capturedTx, Reached... reached) {
        return new FollowerEnd(isAllCaptured, capturedTx, List.of(reached));
    }

    private static Reached reached(
            String store, long durableTx, long waitingBytes, boolean isRestorable) {
        return new Reached(store, true, durableTx, waitingBytes, isRestorable);
    }
}
