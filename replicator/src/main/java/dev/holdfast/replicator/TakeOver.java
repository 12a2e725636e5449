package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Holds the write lock around the last hand-over, which lands on slot 0, when little is left to
/// copy back. Measured, and bounded as far as the disk allows. Owned by the capture thread.
final class TakeOver {
    /// Nothing more is begun after this: it could take as long again.
    private static final long LAST_BEGIN_NANOS = Duration.ofMillis(10).toNanos();

    private static final int TRIES = 200;
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
    void run(WalIndexHeader oracle) throws IOException, LiveDatabaseException {
        hands.cut();
        if (!takeWriteLock()) {
            return;
        }
        long began = time.nanoTime();
        boolean isLanded = false;
        try {
            Optional<WalIndexHeader> last = hands.handOver();
            while (last.isPresent() && !isLanded && mayGoOn(began)) {
                // The application's own checkpointer may be at it, without the write lock
                if (live.checkpointPassively()) {
                    last = hands.handOver();
                    isLanded = hands.isOnSlotZero();
                }
            }
        } finally {
            live.releaseWriteLock();
            Duration held = Duration.ofNanos(time.nanoTime() - began);
            events.accept(new FollowerEvent.TookOver(held, oracle.maxFrame(), isLanded));
        }
    }

    /// False if no gap between two transactions was found.
    private boolean takeWriteLock() throws LiveDatabaseException {
        for (int i = 0; i < TRIES; i++) {
            if (live.takeWriteLock()) {
                return true;
            }
            LockSupport.parkNanos(TRY_PAUSE_NANOS);
        }
        return false;
    }

    /// Whether the lock may be held a little longer, after a pause.
    private boolean mayGoOn(long began) {
        LockSupport.parkNanos(TRY_PAUSE_NANOS);
        return time.nanoTime() - began < LAST_BEGIN_NANOS;
    }
}
