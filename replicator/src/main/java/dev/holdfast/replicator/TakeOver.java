package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Holds the write lock around the last hand-over, which lands on slot 0, when little is left to
/// copy back. Measured, and bounded as far as the disk allows. Owned by the capture thread.
final class TakeOver {
    /// Nothing more is begun after this: it could take as long again.
    private static final long LAST_BEGIN_NANOS = Duration.ofMillis(10).toNanos();

    private static final long TRY_PAUSE_NANOS = 50_000;

    private final LiveDatabase live;
    private final CopyBack.Hands hands;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;

    TakeOver(
            LiveDatabase live,
            CopyBack.Hands hands,
            Timekeeper time,
            Consumer<FollowerEvent> events) {
        this.live = live;
        this.hands = hands;
        this.time = time;
        this.events = events;
    }

    /// @param oracle all of it read
    /// @param brake which is on, and is closed when this returns if the lock was held
    void run(WalIndexHeader oracle, Brake brake) throws IOException, LiveDatabaseException {
        hands.cut();
        OptionalLong began = brake.keep();
        if (began.isEmpty()) {
            return;
        }
        boolean isLanded = false;
        try (brake) {
            Optional<WalIndexHeader> last = hands.handOver();
            while (last.isPresent() && !isLanded && mayGoOn(began.getAsLong())) {
                // The application's own checkpointer may be at it, without the write lock
                if (live.checkpointPassively()) {
                    last = hands.handOver();
                    isLanded = hands.isOnSlotZero();
                }
            }
        } finally {
            Duration held = Duration.ofNanos(time.nanoTime() - began.getAsLong());
            events.accept(new FollowerEvent.TookOver(held, oracle.maxFrame(), isLanded));
        }
    }

    /// Whether the lock may be held a little longer, after a pause.
    private boolean mayGoOn(long began) {
        LockSupport.parkNanos(TRY_PAUSE_NANOS);
        return time.nanoTime() - began < LAST_BEGIN_NANOS;
    }
}
