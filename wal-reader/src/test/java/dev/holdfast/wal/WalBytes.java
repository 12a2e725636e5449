package dev.holdfast.wal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A WAL written by hand from the description of the file format, with none of the code under test.
final class WalBytes {
    private final int pageSize;
    private final ByteOrder wordOrder;
    private final int salt1;
    private final int salt2;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Frame> frames = new ArrayList<>();
    private final WordSums sums;

    private record Frame(long databasePages, int checksum1, int checksum2) {}

    WalBytes(int pageSize, ByteOrder wordOrder, int salt1, int salt2) {
        this.pageSize = pageSize;
        this.wordOrder = wordOrder;
        this.salt1 = salt1;
        this.salt2 = salt2;
        sums = new WordSums(wordOrder);
        ByteBuffer header = ByteBuffer.allocate(32);
        header.putInt(wordOrder == ByteOrder.BIG_ENDIAN ? 0x377f0683 : 0x377f0682);
        header.putInt(3007000).putInt(pageSize).putInt(7).putInt(salt1).putInt(salt2);
        sums.add(header.array(), 0, 24).writeTo(header, 24);
        bytes.writeBytes(header.array());
    }

    /// A WAL of little-endian words, as nearly all are.
    static WalBytes littleEndian(int pageSize) {
        return new WalBytes(pageSize, ByteOrder.LITTLE_ENDIAN, 0x11223344, 0x99aabbcc);
    }

    /// Adds a frame whose page repeats `fill`.
    WalBytes frame(int pageNumber, int databasePages, int fill) {
        ByteBuffer frame = ByteBuffer.allocate(24 + pageSize);
        frame.putInt(pageNumber).putInt(databasePages).putInt(salt1).putInt(salt2);
        for (int at = 24; at < frame.capacity(); at++) {
            frame.put(at, (byte) (fill + at * 31));
        }
        sums.add(frame.array(), 0, 8).add(frame.array(), 24, pageSize).writeTo(frame, 16);
        bytes.writeBytes(frame.array());
        frames.add(new Frame(Integer.toUnsignedLong(databasePages), sums.first(), sums.second()));
        return this;
    }

    static byte[] page(int pageSize, int fill) {
        byte[] page = new byte[pageSize];
        for (int at = 0; at < pageSize; at++) {
            page[at] = (byte) (fill + (at + 24) * 31);
        }
        return page;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    WalPosition position(int frame) {
        Frame last = frames.get(frame - 1);
        return new WalPosition(salt1, salt2, frame, last.checksum1, last.checksum2);
    }

    /// The wal-index of a writer that has committed as far as the last frame.
    WalIndexHeader oracle() {
        return oracle(frames.size());
    }

    WalIndexHeader oracle(int frame) {
        Frame last = frames.get(frame - 1);
        return new WalIndexHeader(
                frame,
                wordOrder == ByteOrder.BIG_ENDIAN,
                pageSize,
                frame,
                last.databasePages,
                last.checksum1,
                last.checksum2,
                salt1,
                salt2,
                0,
                0);
    }
}
