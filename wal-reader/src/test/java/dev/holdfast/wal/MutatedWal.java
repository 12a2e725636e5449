package dev.holdfast.wal;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// One or two things done to a WAL of SQLite's, frame by frame or bit by bit, mostly with checksums
/// that are right again afterwards.
final class MutatedWal {
    private static final int HEADER = 32;

    private final SplittableRandom random;
    private final int frameBytes;
    private byte[] header;
    private final List<byte[]> frames = new ArrayList<>();
    private byte[] tail;
    private final StringBuilder how = new StringBuilder();

    /// @param wal as SQLite left it, with what earlier generations left behind its end
    MutatedWal(byte[] wal, int pageSize, SplittableRandom random) {
        this.random = random;
        frameBytes = 24 + pageSize;
        header = Arrays.copyOf(wal, HEADER);
        int at = HEADER;
        for (; at + frameBytes <= wal.length; at += frameBytes) {
            frames.add(Arrays.copyOfRange(wal, at, at + frameBytes));
        }
        tail = Arrays.copyOfRange(wal, at, wal.length);
    }

    /// @param other of the same page size, to take frames from
    byte[] bytes(byte[] other) {
        for (int i = random.nextInt(1, 3); i > 0; i--) {
            mutate(new MutatedWal(other, frameBytes - 24, random));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        frames.forEach(out::writeBytes);
        out.writeBytes(tail);
        boolean isSealed = random.nextInt(4) > 0;
        how.append(isSealed ? "sealed" : "as it is");
        return isSealed ? RecoveredWal.sealed(out.toByteArray()) : out.toByteArray();
    }

    /// What was done, for a message.
    @Override
    public String toString() {
        return how.toString();
    }

    private void mutate(MutatedWal other) {
        int kind = random.nextInt(9);
        int one = random.nextInt(frames.size());
        int two = random.nextInt(frames.size());
        how.append(kind).append('(').append(one).append(',').append(two).append(") ");
        switch (kind) {
            case 0 -> flip(frames.get(one));
            case 1 -> flip(header);
            case 2 -> frames.set(one, frames.set(two, frames.get(one)));
            case 3 -> frames.add(one, frames.get(two).clone());
            case 4 -> frames.set(one, frames.get(two).clone());
            case 5 -> splice(one, other);
            case 6 -> cut(one);
            case 7 -> tearHeaderOf(frames.get(one));
            default -> frames.subList(Math.min(one, two), Math.max(one, two)).clear();
        }
    }

    private void flip(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }

    /// From here on the frames of the other WAL, and perhaps its header.
    private void splice(int from, MutatedWal other) {
        frames.subList(from, frames.size()).clear();
        int first = Math.min(from, other.frames.size());
        frames.addAll(other.frames.subList(first, other.frames.size()));
        if (random.nextInt(4) == 0 || frames.isEmpty()) {
            header = other.header;
            frames.addAll(other.frames);
        }
    }

    private void cut(int frame) {
        byte[] torn = frames.get(frame);
        frames.subList(frame, frames.size()).clear();
        tail = Arrays.copyOf(torn, random.nextInt(frameBytes));
        if (frames.isEmpty()) {
            frames.add(torn);
        }
    }

    /// Page number, database size or salts become small or large numbers.
    private void tearHeaderOf(byte[] frame) {
        int field = 4 * random.nextInt(4);
        Arrays.fill(frame, field, field + 3, (byte) (random.nextInt(8) == 0 ? 0xff : 0));
        frame[field + 3] = (byte) random.nextInt(random.nextInt(1, 40));
    }
}
