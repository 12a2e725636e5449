package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Names the place of what is being read, so that each refusal says object, offset, found and
/// wanted.
record FieldCheck(String object, long at) {

    FormatException.BadField bad(String field, Object found, String wanted) {
        return new FormatException.BadField(object, at, field, String.valueOf(found), wanted);
    }

    void require(boolean holds, String field, Object found, String wanted) throws FormatException {
        if (!holds) {
            throw bad(field, found, wanted);
        }
    }

    void range(long value, long min, long max, String field) throws FormatException {
        if (value < min || value > max) {
            throw bad(field, Long.toUnsignedString(value), min + " to " + max);
        }
    }

    void zero(ByteBuffer in, int from, int to) throws FormatException {
        for (int i = from; i < to; i++) {
            require(in.get(i) == 0, "reserved byte " + i, in.get(i) & 0xff, "0");
        }
    }

    /// Magic, then version, then the checksum of all that follows: nothing else is believed before.
    void start(ByteBuffer in, int bytes, int magic, int version, String what)
            throws FormatException {
        if (in.limit() < bytes) {
            throw new FormatException.Truncated(object, at, what, in.limit(), bytes);
        }
        if (in.getInt(0) != magic) {
            throw new FormatException.NotThisFormat(object, at, what, in.getInt(0), magic);
        }
        if ((in.get(4) & 0xff) != version) {
            throw new FormatException.UnknownVersion(object, at, what, in.get(4) & 0xff, version);
        }
    }

    void crc(ByteBuffer in, int at) throws FormatException {
        int found = in.getInt(at);
        int computed = crc32c(in, at);
        if (found != computed) {
            throw bad("checksum of the header", hex(found), hex(computed) + " (computed)");
        }
    }

    static int crc32c(ByteBuffer in, int bytes) {
        CRC32C crc = new CRC32C();
        crc.update(in.duplicate().position(0).limit(bytes));
        return (int) crc.getValue();
    }

    static String hex(int value) {
        return "0x%08x".formatted(value);
    }
}
