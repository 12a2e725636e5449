package dev.holdfast.replicator;

import java.util.concurrent.atomic.AtomicLong;

/// How far the log is durable in a store: acknowledged, with the right bytes. Set by the shipper,
/// read by anybody.
final class ShippedMark {
    private final AtomicLong seq;

    ShippedMark(long seq) {
        this.seq = new AtomicLong(seq);
    }

    long seq() {
        return seq.get();
    }

    void advanceTo(long durable) {
        seq.accumulateAndGet(durable, Math::max);
    }
}
