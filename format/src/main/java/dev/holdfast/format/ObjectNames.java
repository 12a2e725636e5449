package dev.holdfast.format;

import java.util.HexFormat;
import java.util.OptionalLong;

/// Names of an archive's objects (`docs/format.md`). Sorting names sorts seqs.
public final class ObjectNames {
    public static final String ARCHIVE_INFO = "archive.json";
    public static final String LOG = "log/";
    public static final String SNAPSHOTS = "snapshots/";
    public static final String PROBES = "probe/";

    private static final String SEGMENT_SUFFIX = ".seg";
    private static final String SNAPSHOT_SUFFIX = ".snap";
    private static final int SEQ_DIGITS = 16;

    private ObjectNames() {}

    /// The log object whose first segment is `firstSeq`.
    public static String log(long firstSeq) {
        return LOG + HexFormat.of().toHexDigits(firstSeq) + SEGMENT_SUFFIX;
    }

    /// The snapshot whose copy began in front of segment `seq`, its `replayFrom`: the name must be
    /// known when the upload begins.
    public static String snapshot(long seq) {
        return SNAPSHOTS + HexFormat.of().toHexDigits(seq) + SNAPSHOT_SUFFIX;
    }

    /// First seq of a log object; empty if the name is not one of a log object.
    public static OptionalLong logSeq(String name) {
        return seq(name, LOG, SEGMENT_SUFFIX);
    }

    /// `replayFrom` of a snapshot; empty if the name is not one of a snapshot.
    public static OptionalLong snapshotSeq(String name) {
        return seq(name, SNAPSHOTS, SNAPSHOT_SUFFIX);
    }

    private static OptionalLong seq(String name, String prefix, String suffix) {
        int from = prefix.length();
        if (name.length() != from + SEQ_DIGITS + suffix.length()
                || !name.startsWith(prefix)
                || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        long seq = 0;
        for (int i = from; i < from + SEQ_DIGITS; i++) {
            int digit = "0123456789abcdef".indexOf(name.charAt(i));
            if (digit < 0) {
                return OptionalLong.empty();
            }
            seq = seq << 4 | digit;
        }
        return seq > 0 ? OptionalLong.of(seq) : OptionalLong.empty();
    }
}
