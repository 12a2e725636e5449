package dev.holdfast.restore.heal;

import dev.holdfast.restore.verify.Finding;

import java.util.List;

/// What became of a copy.
///
/// @param objects how many were created, or would be
/// @param bytes all together
/// @param left what is damaged in the copy and is there still, as objects are written once
/// @param unavailable what the copy lacks, and the other one has only damaged, or not at all
public record HealReport(long objects, long bytes, List<Finding> left, List<Finding> unavailable) {
    public HealReport {
        left = List.copyOf(left);
        unavailable = List.copyOf(unavailable);
    }

    HealReport and(long moreObjects, long moreBytes) {
        return new HealReport(objects + moreObjects, bytes + moreBytes, left, unavailable);
    }

    /// Whether nothing is damaged or missing.
    public boolean isWhole() {
        return left.isEmpty() && unavailable.isEmpty();
    }
}
