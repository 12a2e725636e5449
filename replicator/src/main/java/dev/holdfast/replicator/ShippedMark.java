package dev.holdfast.replicator;

import dev.holdfast.storage.state.LogPoint;

/// How far the log is durable in a store: acknowledged, with the right bytes. Set by the shipper,
/// read by anybody.
final class ShippedMark {
    private volatile LogPoint last;

    ShippedMark(LogPoint last) {
        this.last = last;
    }

    LogPoint last() {
        return last;
    }

    long seq() {
        return last.seq();
    }

    void advanceTo(LogPoint durable) {
        if (durable.seq() > last.seq()) {
            last = durable;
        }
    }
}
