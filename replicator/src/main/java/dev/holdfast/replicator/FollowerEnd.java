package dev.holdfast.replicator;

import dev.holdfast.format.failure.Reached;

import java.util.Comparator;
import java.util.List;

/// How a run ended.
///
/// @param isAllCaptured whether everything that was committed before the stop was read
/// @param capturedTx the last transaction that was captured; 0 if none was
/// @param reached what each destination has; one at least
public record FollowerEnd(boolean isAllCaptured, long capturedTx, List<Reached> reached) {
    public FollowerEnd {
        reached = List.copyOf(reached);
        if (reached.isEmpty()) {
            throw new IllegalArgumentException("no destination");
        }
    }

    /// The destinations that lack something.
    public List<Reached> behind() {
        return reached.stream().filter(each -> !each.isWhole(capturedTx)).toList();
    }

    public boolean isAllDurable() {
        return isAllCaptured && behind().isEmpty();
    }

    /// The last transaction that every store has acknowledged.
    public long durableTx() {
        return slowest().durableTx();
    }

    /// What waits for the slowest.
    public long waitingBytes() {
        return slowest().waitingBytes();
    }

    /// Whether what is durable can be restored from each.
    public boolean isRestorable() {
        return reached.stream().allMatch(Reached::isRestorable);
    }

    private Reached slowest() {
        return reached.stream()
                .min(Comparator.comparingLong(Reached::durableTx))
                .orElseThrow(() -> new IllegalStateException("no destination"));
    }
}
