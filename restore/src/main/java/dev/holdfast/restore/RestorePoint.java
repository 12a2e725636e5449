package dev.holdfast.restore;

import dev.holdfast.format.Micros;

/// A transaction and its time.
public record RestorePoint(long tx, long micros) {
    @Override
    public String toString() {
        return "transaction " + tx + " (" + Micros.toInstant(micros) + ")";
    }
}
