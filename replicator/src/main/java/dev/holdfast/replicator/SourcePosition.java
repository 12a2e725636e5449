package dev.holdfast.replicator;

import dev.holdfast.wal.WalPosition;

import java.nio.ByteBuffer;

/// Where in its own files a database was when a segment ended. 48 bytes, big-endian.
///
/// ```
///  0 4 salt1   8 8 frame        20 4 checksum2
///  4 4 salt2  16 4 checksum1    24 24 reserved
/// ```
record SourcePosition(WalPosition wal) {
    static final int BYTES = 48;

    /// A place in no WAL.
    static final SourcePosition NOWHERE = new SourcePosition(new WalPosition(0, 0, 0, 0, 0));

    void writeTo(ByteBuffer out, int offset) {
        out.putInt(offset, wal.salt1())
                .putInt(offset + 4, wal.salt2())
                .putLong(offset + 8, wal.frame());
        out.putInt(offset + 16, wal.checksum1()).putInt(offset + 20, wal.checksum2());
        for (int i = 24; i < BYTES; i += Long.BYTES) {
            out.putLong(offset + i, 0);
        }
    }

    /// A place that can't be is as good as none: it will not be found in any WAL.
    static SourcePosition readFrom(ByteBuffer in, int offset) {
        long frame = Math.clamp(in.getLong(offset + 8), 0, 0xffff_ffffL);
        return new SourcePosition(
                new WalPosition(
                        in.getInt(offset),
                        in.getInt(offset + 4),
                        frame,
                        in.getInt(offset + 16),
                        in.getInt(offset + 20)));
    }

    ByteBuffer toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        writeTo(bytes, 0);
        return bytes;
    }
}
