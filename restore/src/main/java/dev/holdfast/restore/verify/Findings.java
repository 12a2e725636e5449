package dev.holdfast.restore.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Gathers what a verification finds; keeps so many, counts the rest. Owned by one thread.
final class Findings {
    private static final int MAX_KEPT = 1_000;

    private final Set<Finding> findings = new LinkedHashSet<>();
    private final List<String> notes = new ArrayList<>();
    private long moreFindings;
    private long logObjects;
    private long segments;
    private long transactions;
    private long snapshots;
    private long states;
    private long bytes;

    /// Something that was found on two ways counts once.
    void violation(Finding finding) {
        if (findings.size() < MAX_KEPT) {
            findings.add(finding);
        } else if (!findings.contains(finding)) {
            moreFindings++;
        }
    }

    void note(String text) {
        if (notes.size() < MAX_KEPT) {
            notes.add(text);
        }
    }

    void goodLogObject() {
        logObjects++;
    }

    void goodSegment(int records, long storedBytes) {
        segments++;
        transactions += records;
        bytes += storedBytes;
    }

    void goodSnapshot(long storedBytes) {
        snapshots++;
        bytes += storedBytes;
    }

    boolean hasSnapshot() {
        return snapshots > 0;
    }

    void goodStates(long count) {
        states += count;
    }

    long count() {
        return findings.size() + moreFindings;
    }

    VerifyReport report(Verdict verdict) {
        return new VerifyReport(
                verdict,
                List.copyOf(findings),
                moreFindings,
                notes,
                new VerifyReport.Counts(
                        logObjects, segments, transactions, snapshots, states, bytes));
    }
}
