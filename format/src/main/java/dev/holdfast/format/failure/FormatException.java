package dev.holdfast.format.failure;

/// Bytes of an archive are not what `docs/format.md` says. Each case names object, place, found and
/// wanted.
public abstract sealed class FormatException extends Exception {
    private static final long serialVersionUID = 1;

    private final String object;
    private final long offset;

    private FormatException(String object, long offset, String message) {
        super(object + ", byte " + offset + ": " + message);
        this.object = object;
        this.offset = offset;
    }

    /// Name of the object in its archive.
    public final String object() {
        return object;
    }

    /// Offset in the object of the first byte that is wrong, as nearly as it is known.
    public final long offset() {
        return offset;
    }

    /// The object ends before it should.
    public static final class Truncated extends FormatException {
        private static final long serialVersionUID = 1;

        public Truncated(String object, long offset, String what, long found, long wanted) {
            super(
                    object,
                    offset,
                    what + " is cut off: found " + found + " bytes, wanted " + wanted);
        }
    }

    /// There is no such object, and there must be one.
    public static final class MissingObject extends FormatException {
        private static final long serialVersionUID = 1;

        public MissingObject(String object, String why) {
            super(object, 0, "the object is missing: " + why);
        }
    }

    /// Another kind of thing lies under this name.
    public static final class NotThisFormat extends FormatException {
        private static final long serialVersionUID = 1;

        public NotThisFormat(String object, long offset, String what, int found, int wanted) {
            super(
                    object,
                    offset,
                    "not a "
                            + what
                            + ": found magic 0x%08x, wanted 0x%08x".formatted(found, wanted));
        }
    }

    /// Its end is not there, where all that is in it is named: as far as one can tell, it was cut
    /// off.
    public static final class NoFooter extends FormatException {
        private static final long serialVersionUID = 1;

        /// @param offset where the footer would begin
        /// @param objectBytes where the object ends
        public NoFooter(
                String object, long offset, String what, long objectBytes, int found, int wanted) {
            super(
                    object,
                    offset,
                    "the %s ends at byte %d without its footer: it was cut off, or its end is damaged (found magic 0x%08x, wanted 0x%08x)"
                            .formatted(what, objectBytes, found, wanted));
        }
    }

    /// Written by a program that is newer, or damaged.
    public static final class UnknownVersion extends FormatException {
        private static final long serialVersionUID = 1;

        public UnknownVersion(String object, long offset, String what, int found, int wanted) {
            super(
                    object,
                    offset,
                    what + " of version " + found + ", this program reads version " + wanted);
        }
    }

    /// A field has a value that the format does not allow, or that contradicts another.
    public static final class BadField extends FormatException {
        private static final long serialVersionUID = 1;

        public BadField(String object, long offset, String field, String found, String wanted) {
            super(object, offset, field + ": found " + found + ", wanted " + wanted);
        }
    }

    /// The bytes are not those that were written.
    public static final class DigestMismatch extends FormatException {
        private static final long serialVersionUID = 1;

        public DigestMismatch(
                String object, long offset, String what, String found, String wanted) {
            super(object, offset, "digest of " + what + ": found " + found + ", wanted " + wanted);
        }
    }

    /// Compressed bytes that the decompressor refuses.
    public static final class BadCompression extends FormatException {
        private static final long serialVersionUID = 1;

        public BadCompression(String object, long offset, String detail) {
            super(object, offset, "can't be decompressed: " + detail);
        }
    }

    /// An encrypted block that the data key does not open at its place.
    public static final class BadSeal extends FormatException {
        private static final long serialVersionUID = 1;

        /// As far as the blocks themselves tell.
        public enum Kind {
            SWAPPED_BLOCK,
            CUT_OFF,
            SWAPPED_OBJECT,
            ALTERED
        }

        private final Kind kind;

        /// @param block from 0
        /// @param detail what it is instead, or why it can't be opened
        public BadSeal(String object, long offset, long block, Kind kind, String detail) {
            super(object, offset, "encrypted block " + block + " " + detail);
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }
}
