package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Optional;

final class ReplicateCommandTest {
    @Test
    void uploadsToABucketAreFewUnlessToldOtherwise() {
        assertThat(ReplicateCommand.defaultUploads(StoreLocation.parse("s3://bucket/agent")))
                .isEqualTo(new UploadRate(Duration.ofSeconds(1), 60));
        assertThat(ReplicateCommand.defaultUploads(StoreLocation.parse("archive")))
                .isEqualTo(UploadRate.UNLIMITED);
    }

    @Test
    void aStopNamesWhatWaits() {
        assertThat(ReplicateCommand.missing(new FollowerEnd(true, 867, 627, 523_000, true)))
                .isEqualTo("transactions 628 to 867 (523 kB) are not in the archive yet");
    }

    @Test
    void aStopBeforeAnythingWasFollowedBlamesNoSnapshot() {
        assertThat(ReplicateCommand.missing(new FollowerEnd(false, 0, 0, 0, false)))
                .isEqualTo("nothing was captured, as the database could not be followed");
    }

    @Test
    void aStopThatCouldNotReadTheRestSaysFromWhere() {
        assertThat(ReplicateCommand.missing(new FollowerEnd(false, 9, 9, 0, true)))
                .isEqualTo("what was committed after transaction 9 could not be read");
    }

    @Test
    void aStopDuringTheFirstSnapshotSaysSo() {
        assertThat(ReplicateCommand.missing(new FollowerEnd(true, 9, 9, 0, false)))
                .startsWith("the first snapshot is not complete");
    }

    @Test
    void aStopThatLeftSomethingUndoneNamesTheTroubleThatKeptIt() {
        FollowerEnd end = new FollowerEnd(true, 867, 627, 523_000, true);
        assertThatThrownBy(() -> ReplicateCommand.exitOf(end, Optional.of("the store is gone")))
                .isInstanceOf(SidecarException.NotDurable.class)
                .hasMessageEndingWith(
                        "are not in the archive yet; the last trouble: the store is gone");
    }
}
