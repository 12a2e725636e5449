package dev.holdfast.restore.verify;

import java.util.List;

/// What a verification found.
///
/// @param findings violations, in the order in which they were found
/// @param moreFindings how many were found that `findings` has no room for
/// @param notes what is odd but no violation, such as names that are not the archive's
public record VerifyReport(
        Verdict verdict,
        List<Finding> findings,
        long moreFindings,
        List<String> notes,
        Counts counts) {

    public VerifyReport {
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
    }

    /// What was looked at and was good.
    ///
    /// @param states checksums of transactions and snapshots that were compared
    public record Counts(
            long logObjects,
            long segments,
            long transactions,
            long snapshots,
            long states,
            long bytes) {}
}
