package dev.holdfast.restore.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gathers what a verification finds; keeps so many, counts the rest. Owned by one thread.
final class Findings {
    private static final int MAX_KEPT = 1_000;

    private final Map<Place, Finding> findings = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private long moreFindings;
    private long logObjects;
    private long segments;
    private long transactions;
    private long snapshots;
    private long states;
    private long bytes;
    private long sealed;

    private record Place(String object, long offset) {}

    /// Something that was found on two ways counts once, as it was found first: the words differ
    /// with the way.
    void violation(Finding finding) {
        Place place = new Place(finding.object(), finding.offset());
        if (findings.size() < MAX_KEPT) {
            findings.putIfAbsent(place, finding);
        } else if (!findings.containsKey(place)) {
            moreFindings++;
        }
    }

    void note(String text) {
        if (notes.size() < MAX_KEPT) {
            notes.add(text);
        }
    }

    /// Something is encrypted, and only its digests were checked.
    void sealed() {
        sealed++;
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
        if (sealed > 0) {
            note(
                    "%,d segments and snapshots are encrypted: their digests and the chain were checked, their contents were not decoded, for want of an identity (--identity FILE)"
                            .formatted(sealed));
        }
        return new VerifyReport(
                verdict,
                List.copyOf(findings.values()),
                moreFindings,
                notes,
                new VerifyReport.Counts(
                        logObjects, segments, transactions, snapshots, states, bytes));
    }
}
