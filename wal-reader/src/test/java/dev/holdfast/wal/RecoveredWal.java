package dev.holdfast.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What SQLite's recovery makes of a WAL (file format, section 4; `walIndexRecover`), the simplest
/// way, with none of the code under test: the whole file in memory, frame by frame.
///
/// @param frames that continue the chain, also those after the last commit
record RecoveredWal(int pageSize, ByteOrder wordOrder, int salt1, int salt2, List<Frame> frames) {
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;

    /// @param databasePages 0 if the frame ends no commit
    record Frame(long page, long databasePages, int checksum1, int checksum2, ByteBuffer image) {
        boolean isCommit() {
            return databasePages != 0;
        }
    }

    /// Empty if SQLite takes the file for one without frames.
    static Optional<RecoveredWal> of(byte[] wal) {
        ByteBuffer in = ByteBuffer.wrap(wal);
        if (wal.length < HEADER || (in.getInt(0) & ~1) != 0x377f0682) {
            return Optional.empty();
        }
        ByteOrder order = (in.getInt(0) & 1) != 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        int pageSize = in.getInt(8);
        WordSums sums = new WordSums(order).add(wal, 0, 24);
        if (Integer.bitCount(pageSize) != 1
                || pageSize < 512
                || pageSize > 65_536
                || !sums.areAt(in, 24)
                || in.getInt(4) != 3007000) {
            return Optional.empty();
        }
        List<Frame> frames = new ArrayList<>();
        int frameBytes = FRAME_HEADER + pageSize;
        for (int at = HEADER; at + frameBytes <= wal.length; at += frameBytes) {
            sums.add(wal, at, 8).add(wal, at + FRAME_HEADER, pageSize);
            if (in.getInt(at) == 0
                    || in.getLong(at + 8) != in.getLong(16)
                    || !sums.areAt(in, at + 16)) {
                break;
            }
            frames.add(
                    new Frame(
                            Integer.toUnsignedLong(in.getInt(at)),
                            Integer.toUnsignedLong(in.getInt(at + 4)),
                            sums.first(),
                            sums.second(),
                            in.slice(at + FRAME_HEADER, pageSize)));
        }
        return Optional.of(new RecoveredWal(pageSize, order, in.getInt(16), in.getInt(20), frames));
    }

    /// The same bytes with magic, version, a page size, salts and checksums as they should be,
    /// whatever else is wrong.
    static byte[] sealed(byte[] bytes) {
        byte[] wal = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(wal);
        if (wal.length < HEADER) {
            return wal;
        }
        out.putInt(0, 0x377f0682 | (out.getInt(0) & 1)).putInt(4, 3007000);
        int pageSize = 512 << (Integer.numberOfTrailingZeros(out.getInt(8)) + 7) % 8;
        out.putInt(8, pageSize);
        ByteOrder order = (wal[3] & 1) != 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        WordSums sums = new WordSums(order).add(wal, 0, 24);
        sums.writeTo(out, 24);
        for (int at = HEADER;
                at + FRAME_HEADER + pageSize <= wal.length;
                at += FRAME_HEADER + pageSize) {
            out.putLong(at + 8, out.getLong(16));
            sums.add(wal, at, 8).add(wal, at + FRAME_HEADER, pageSize).writeTo(out, at + 16);
        }
        return wal;
    }

    /// Number of the last frame that ends a commit; 0 if there is none.
    int committed() {
        int last = frames.size();
        while (last > 0 && !frames.get(last - 1).isCommit()) {
            last--;
        }
        return last;
    }

    /// The last image of each page in the frames from `from` to `to`, but for those past the
    /// database's end and the lock page.
    TreeMap<Long, byte[]> images(int from, int to) {
        TreeMap<Long, byte[]> images = new TreeMap<>();
        for (Frame frame : frames.subList(from - 1, to)) {
            byte[] image = new byte[pageSize];
            frame.image().get(0, image);
            images.put(frame.page(), image);
        }
        images.tailMap(frames.get(to - 1).databasePages(), false).clear();
        images.remove(0x40000000L / pageSize + 1);
        return images;
    }
}
