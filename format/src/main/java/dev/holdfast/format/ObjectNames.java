package dev.holdfast.format;

import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Names of an archive's objects (`docs/format.md`). Sorting names sorts seqs.
public final class ObjectNames {
    public static final String ARCHIVE_INFO = "archive.json";
    public static final String LOG = "log/";
    public static final String SNAPSHOTS = "snapshots/";
    public static final String KEYS = "keys/";
    public static final String PROBES = "probe/";

    private static final String SEGMENT_SUFFIX = ".seg";
    private static final String SNAPSHOT_SUFFIX = ".snap";
    private static final String KEY_SUFFIX = ".key";
    private static final int SEQ_DIGITS = 16;
    private static final int KEY_DIGITS = 16;
    private static final Pattern KEY =
            Pattern.compile("keys/(?:[0-9a-f]{16}-){2}[0-9a-f]{16}\\.key");

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

    /// A data key that was wrapped once more.
    ///
    /// @param wrap digest of the age file that the log has it in
    /// @param recipient digest of the text of the recipient that it was wrapped for
    /// @param content digest of the object
    public static String key(Digest wrap, Digest recipient, Digest content) {
        return keysOf(wrap, recipient) + start(content) + KEY_SUFFIX;
    }

    /// How the names of all further wraps of one data key begin.
    public static String keysOf(Digest wrap) {
        return KEYS + start(wrap) + "-";
    }

    /// How the names of those for one recipient begin.
    public static String keysOf(Digest wrap, Digest recipient) {
        return keysOf(wrap) + start(recipient) + "-";
    }

    /// The 16 digits with which the digest of a wrapped data key begins.
    ///
    /// @param name as [#isKey] knows them
    public static String keyContent(String name) {
        int end = name.length() - KEY_SUFFIX.length();
        return name.substring(end - KEY_DIGITS, end);
    }

    private static String start(Digest digest) {
        return digest.toString().substring(0, KEY_DIGITS);
    }

    /// Whether a name is one of a wrapped data key.
    public static boolean isKey(String name) {
        return KEY.matcher(name).matches();
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
