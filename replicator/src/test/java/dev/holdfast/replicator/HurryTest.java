package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.FlushRequest;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// What a flush and a stop send whatever the bandwidth, which would last for no test.
final class HurryTest extends FollowedApplication {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    private final InMemoryObjectStore near = new InMemoryObjectStore();
    private final InMemoryObjectStore far = new InMemoryObjectStore();
    private final OutageStore first = new OutageStore(near, "near");
    private final OutageStore second = new OutageStore(far, "far");

    private static DestinationOptions slow(ObjectStore store) {
        return new DestinationOptions(
                store,
                UploadRate.UNLIMITED,
                UploadBandwidth.of(1),
                DestinationOptions.SEGMENT_OF_FOLDER);
    }

    private FollowedDatabase follow(DestinationOptions... to) {
        return FollowedDatabase.start(
                options(), List.of(to), Timekeeper.system(), FileActions.REAL, _ -> {});
    }

    private void flush() throws Exception {
        try (FlushRequest request = FlushRequest.make(options().state(), 1)) {
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (request.answer().isEmpty()) {
                assertThat(deadline - System.nanoTime()).as("nanoseconds left").isPositive();
                LockSupport.parkNanos(5_000_000);
            }
        }
    }

    @Test
    void aFlushHurriesTheFillingOfACopy() throws Exception {
        try (Application application = application()) {
            application.tell("fast 5");
            assertThat(start(first).stop().isAllDurable()).isTrue();
            FollowedDatabase.forgetSpool(options());
            FollowedDatabase followed =
                    follow(new DestinationOptions(first, UploadRate.UNLIMITED), slow(second));
            FollowerEvent _ = followed.await(FollowerEvent.Filling.class);
            flush();
            ArchivedHistory.assertHolds(application, far);
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }

    @Test
    void aStopHurriesTheFirstSnapshotOfARebaseThatItCaptures() throws Exception {
        try (Application application = application()) {
            FollowedDatabase followed = follow(slow(first));
            FollowerEvent _ = followed.await(FollowerEvent.Following.class);
            flush();
            application.tell("replace");
            application.tell("fast 1");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertThat(ArchivedHistory.read(near).database()).isEqualTo(application.pages());
        }
    }
}
