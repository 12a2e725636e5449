package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/// What stands behind each segment in the spool: where in the database's own files it ends, and
/// which pages it changed. Big-endian; private to one machine.
///
/// ```
///   0  4 magic HFSP      16 4 delta count
///   4  4 version         20 4 1 if the page map is known
///   8  8 seq             24 48 source, see SourcePosition
///  72  12 a delta: page number (4), hash after (8)
/// end   4 CRC-32C of all before
/// ```
final class SpoolNote {
    static final int HEADER_BYTES = 72;
    static final int CRC_BYTES = 4;
    static final int DELTA_BYTES = 12;

    private static final int MAGIC = 0x48465350;
    private static final int VERSION = 1;
    private static final int SOURCE_AT = 24;

    private SpoolNote() {}

    static long bytes(int deltaCount) {
        return HEADER_BYTES + (long) deltaCount * DELTA_BYTES + CRC_BYTES;
    }

    /// The note's bytes in parts that fit a buffer, each handed to `out` before the next is made.
    static void write(
            long seq, SourcePosition source, boolean isMapKnown, PageDeltas deltas, Sink out)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(bytes(deltas.count()), 64 << 10));
        CRC32C crc = new CRC32C();
        buffer.putInt(MAGIC)
                .putInt(VERSION)
                .putLong(seq)
                .putInt(deltas.count())
                .putInt(isMapKnown ? 1 : 0);
        source.writeTo(buffer, SOURCE_AT);
        buffer.position(HEADER_BYTES);
        for (int i = 0; i < deltas.count(); i++) {
            if (buffer.remaining() < DELTA_BYTES) {
                drain(buffer, crc, out);
            }
            buffer.putInt((int) deltas.pageNumber(i)).putLong(deltas.hash(i));
        }
        drain(buffer, crc, out);
        buffer.putInt((int) crc.getValue()).flip();
        out.write(buffer);
    }

    private static void drain(ByteBuffer buffer, CRC32C crc, Sink out) throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        out.write(buffer);
        buffer.clear();
    }

    /// Takes the bytes of a note.
    interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    /// Number of deltas of the note whose header this is; empty if it is not the note of `seq`, or
    /// can't fit `room` bytes.
    static Optional<Integer> deltaCount(ByteBuffer header, long seq, long room) {
        int count = header.getInt(16);
        boolean isNote =
                header.getInt(0) == MAGIC
                        && header.getInt(4) == VERSION
                        && header.getLong(8) == seq
                        && count >= 0
                        && bytes(count) <= room;
        return isNote ? Optional.of(count) : Optional.empty();
    }

    static boolean isMapKnown(ByteBuffer header) {
        return header.getInt(20) == 1;
    }

    static SourcePosition source(ByteBuffer header) {
        return SourcePosition.readFrom(header, SOURCE_AT);
    }

    /// Sets the pages of `count` deltas that begin at the position of `deltas`, but for those that
    /// are past the database's end once all are set. False if one of them is no page.
    static boolean apply(ByteBuffer deltas, int count, long databasePages, PageMap pages) {
        for (int i = 0; i < count; i++) {
            long pageNumber = Integer.toUnsignedLong(deltas.getInt());
            long hash = deltas.getLong();
            if (!pages.canHold(pageNumber)) {
                return false;
            }
            if (pageNumber <= databasePages) {
                pages.set(pageNumber, hash);
            }
        }
        return true;
    }
}
