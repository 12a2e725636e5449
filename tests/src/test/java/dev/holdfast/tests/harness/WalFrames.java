package dev.holdfast.tests.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The bytes of a `-wal`, to be damaged as a machine that loses power damages it. SQLite file
/// format 4.1; shares no code with what is tested.
public final class WalFrames {
    public static final int HEADER_BYTES = 32;

    private static final int FRAME_HEADER_BYTES = 24;
    private static final int PAGE_SIZE_AT = 8;
    private static final int SALTS_AT = 16;
    private static final int SALTS_BYTES = 8;
    private static final int HEADER_CHECKSUM_AT = 24;
    private static final int FRAME_SALTS_AT = 8;
    private static final int FRAME_CHECKSUM_AT = 16;

    private final ByteBuffer bytes;

    private WalFrames(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    public static WalFrames of(Path wal) throws IOException {
        return new WalFrames(Files.readAllBytes(wal));
    }

    /// Writes it over a file, which then ends where this ends.
    public void writeTo(Path wal) throws IOException {
        Files.write(wal, bytes.array());
    }

    /// How many frames of its generation it begins with.
    public int count() {
        int count = 0;
        while (offset(count + 2) <= bytes.capacity() && isOfGeneration(offset(count + 1))) {
            count++;
        }
        return count;
    }

    /// Whether no reset was between the two.
    public boolean isOfSameGeneration(WalFrames other) {
        return bytes.getLong(SALTS_AT) == other.bytes.getLong(SALTS_AT);
    }

    /// Whether a frame was written without salts and checksum, as SQLite 3.40 does now and then.
    public boolean isUnsealed(int frame) {
        return offset(frame + 1) <= bytes.capacity()
                && bytes.getLong(offset(frame) + FRAME_SALTS_AT) == 0
                && bytes.getLong(offset(frame) + FRAME_CHECKSUM_AT) == 0;
    }

    /// The numbers of those frames that end a commit.
    public List<Integer> commits() {
        List<Integer> commits = new ArrayList<>();
        for (int frame = 1; frame <= count(); frame++) {
            if (bytes.getInt(offset(frame) + 4) != 0) {
                commits.add(frame);
            }
        }
        return commits;
    }

    /// Where a frame begins.
    public int offset(int frame) {
        return HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + bytes.getInt(PAGE_SIZE_AT));
    }

    /// The bytes of the frames after `frame`.
    public byte[] after(int frame) {
        return Arrays.copyOfRange(bytes.array(), offset(frame + 1), offset(count() + 1));
    }

    /// The same frames as if another generation's salts had come again, with right checksums.
    public WalFrames withSaltsOf(WalFrames other) {
        byte[] copy = Arrays.copyOf(bytes.array(), offset(count() + 1));
        WalFrames changed = new WalFrames(copy);
        byte[] salts = Arrays.copyOfRange(other.bytes.array(), SALTS_AT, SALTS_AT + SALTS_BYTES);
        int frames = count();
        changed.bytes.put(SALTS_AT, salts);
        long sum = changed.sum(0, 0, HEADER_CHECKSUM_AT);
        changed.bytes.putLong(HEADER_CHECKSUM_AT, sum);
        for (int frame = 1; frame <= frames; frame++) {
            int at = offset(frame);
            changed.bytes.put(at + FRAME_SALTS_AT, salts);
            sum = changed.sum(sum, at, at + FRAME_SALTS_AT);
            sum = changed.sum(sum, at + FRAME_HEADER_BYTES, offset(frame + 1));
            changed.bytes.putLong(at + FRAME_CHECKSUM_AT, sum);
        }
        return changed;
    }

    private boolean isOfGeneration(int at) {
        return bytes.getLong(at + FRAME_SALTS_AT) == bytes.getLong(SALTS_AT);
    }

    /// Goes on with a checksum, whose first word is the upper half.
    private long sum(long before, int from, int to) {
        // The low bit of the magic number says which words they are
        ByteBuffer words =
                bytes.duplicate()
                        .order(
                                (bytes.getInt(0) & 1) == 1
                                        ? ByteOrder.BIG_ENDIAN
                                        : ByteOrder.LITTLE_ENDIAN);
        int one = (int) (before >>> 32);
        int two = (int) before;
        for (int at = from; at < to; at += 8) {
            one += words.getInt(at) + two;
            two += words.getInt(at + 4) + one;
        }
        return (long) one << 32 | Integer.toUnsignedLong(two);
    }
}
