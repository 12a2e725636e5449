package dev.holdfast.restore;

import dev.holdfast.format.Micros;

/// Which state of the database is wanted.
public sealed interface Target {
    /// The newest transaction of the archive.
    record Latest() implements Target {
        @Override
        public String toString() {
            return "the newest transaction";
        }
    }

    /// The state that transaction `tx` left.
    record AtTx(long tx) implements Target {
        @Override
        public String toString() {
            return "transaction " + tx;
        }
    }

    /// The state at a moment: what the last transaction at or before it left.
    record AtTime(long micros) implements Target {
        @Override
        public String toString() {
            return Micros.toInstant(micros).toString();
        }
    }
}
