package dev.holdfast.storage.codec;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// The mirror of [Lz4BodyCompressor].
final class Lz4BodyDecompressor implements BodyDecompressor {
    private final LZ4SafeDecompressor lz4 = LZ4Factory.safeInstance().safeDecompressor();
    private final ByteBuffer header = ByteBuffer.allocate(Lz4BodyCompressor.BLOCK_HEADER_BYTES);
    private byte[] stored = {};
    private byte[] block = {};

    /// The block at hand: how much of it there is to come, and how much of its raw bytes was given.
    private int storedLength;

    private int storedFilled;
    private int blockLength;
    private int blockGiven;

    private String object = "";
    private long at;
    private long rawLength;
    private long rawLeft;

    @Override
    public void begin(SegmentHeader segment, String object, long at) {
        this.object = object;
        this.at = at;
        rawLength = segment.rawLength();
        rawLeft = rawLength;
        header.clear();
        blockLength = 0;
        blockGiven = 0;
    }

    @Override
    public void read(ByteBuffer in, ByteBuffer raw) throws FormatException {
        while (give(raw) && (isInBlock() || takeHeader(in)) && takeBody(in)) {
            decompress();
        }
    }

    @Override
    public void end() throws FormatException {
        if (header.position() > 0) {
            throw bad("the last block is cut off");
        }
        if (rawLeft > 0) {
            throw bad((rawLength - rawLeft) + " bytes, wanted " + rawLength);
        }
    }

    /// Gives what it can of the block's raw bytes; whether none are left.
    private boolean give(ByteBuffer raw) {
        if (isInBlock()) {
            return true;
        }
        int count = Math.min(blockLength - blockGiven, raw.remaining());
        raw.put(block, blockGiven, count);
        blockGiven += count;
        return blockGiven == blockLength;
    }

    /// Whether a block's header was read, but not all of its bytes.
    private boolean isInBlock() {
        return !header.hasRemaining();
    }

    private boolean takeHeader(ByteBuffer in) throws FormatException {
        while (header.hasRemaining() && in.hasRemaining()) {
            header.put(in.get());
        }
        if (header.hasRemaining()) {
            return false;
        }
        blockLength = header.getInt(0);
        blockGiven = 0;
        storedLength = header.getInt(4);
        storedFilled = 0;
        if (blockLength < 1 || blockLength > Math.min(Lz4BodyCompressor.MAX_BLOCK_BYTES, rawLeft)) {
            throw bad(
                    "a block of "
                            + Integer.toUnsignedString(blockLength)
                            + " bytes where "
                            + rawLeft
                            + " may come");
        }
        if (storedLength < 1 || storedLength > blockLength) {
            throw bad(
                    "a block of "
                            + blockLength
                            + " bytes is stored in "
                            + Integer.toUnsignedString(storedLength));
        }
        rawLeft -= blockLength;
        return true;
    }

    private boolean takeBody(ByteBuffer in) {
        stored = atLeast(stored, storedLength);
        int count = Math.min(storedLength - storedFilled, in.remaining());
        in.get(stored, storedFilled, count);
        storedFilled += count;
        return storedFilled == storedLength;
    }

    private void decompress() throws FormatException {
        block = atLeast(block, blockLength);
        header.clear();
        if (storedLength == blockLength) {
            System.arraycopy(stored, 0, block, 0, blockLength);
            return;
        }
        int length;
        try {
            length = lz4.decompress(stored, 0, storedLength, block, 0, blockLength);
        } catch (LZ4Exception | IndexOutOfBoundsException e) {
            throw bad("LZ4 says " + e.getMessage());
        }
        if (length != blockLength) {
            throw bad("a block of " + length + " bytes, wanted " + blockLength);
        }
    }

    private static byte[] atLeast(byte[] array, int length) {
        return array.length >= length
                ? array
                : Arrays.copyOf(
                        array,
                        Math.min(
                                Lz4BodyCompressor.MAX_BLOCK_BYTES,
                                Math.max(length, 2 * array.length)));
    }

    private FormatException bad(String detail) {
        return new FormatException.BadCompression(object, at, detail);
    }

    @Override
    public void close() {}
}
