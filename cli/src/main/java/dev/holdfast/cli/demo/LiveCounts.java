package dev.holdfast.cli.demo;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEvent;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// What the follower has captured and what the store has acknowledged, as turns of the agent. Told
/// by the follower's threads, read by the demo's.
final class LiveCounts implements Consumer<FollowerEvent> {
    /// The first transaction of the archive is the agent's first commit: it has made no other
    /// before it is followed. So transaction and turn are the same number.
    private final CountDownLatch following = new CountDownLatch(1);

    private final CountDownLatch restorable = new CountDownLatch(1);
    private final ConcurrentSkipListMap<Long, Long> durableMicros = new ConcurrentSkipListMap<>();
    private final Clock clock;
    private volatile long captured;

    LiveCounts(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void accept(FollowerEvent event) {
        switch (event) {
            case FollowerEvent.Following(long tx, _) -> {
                captured = tx;
                following.countDown();
            }
            case FollowerEvent.Captured(long tx, long _) -> captured = tx;
            case FollowerEvent.Durable now -> durableMicros.put(now.tx(), micros());
            case FollowerEvent.SnapshotDone _ -> restorable.countDown();
            case FollowerEvent.Troubled now ->
                    throw new SidecarException.LocalFiles(now.what(), now.remedy());
            case FollowerEvent.Waiting _,
                    FollowerEvent.Filling _,
                    FollowerEvent.Filled _,
                    FollowerEvent.SnapshotBegan _,
                    FollowerEvent.SnapshotFailed _,
                    FollowerEvent.Braked _,
                    FollowerEvent.TookOver _ -> {}
        }
    }

    private long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    CountDownLatch following() {
        return following;
    }

    CountDownLatch restorable() {
        return restorable;
    }

    long captured() {
        return captured;
    }

    long durable() {
        return durableMicros.isEmpty() ? 0 : durableMicros.lastKey();
    }

    /// From the moment when each commit from `first` on had returned to the moment when the store
    /// had it.
    Latencies latencies(AgentLog log, long first) {
        long last = Math.min(durable(), log.count());
        long[] micros = new long[(int) Math.max(0, last - first + 1)];
        for (int i = 0; i < micros.length; i++) {
            long turn = first + i;
            long durableAt = durableMicros.ceilingEntry(turn).getValue();
            micros[i] = durableAt - log.commit(turn).micros();
        }
        return new Latencies(micros);
    }
}
