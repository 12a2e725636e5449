package dev.holdfast.storage.seal;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/// The mirror of [BodySealer]. Owned by one thread.
public final class BodyOpener implements AutoCloseable {
    /// What is stored of a body, in turn.
    public interface Stored {
        /// The next `count` bytes, at most [#left]. Valid until the next call.
        ByteBuffer take(int count) throws IOException, FormatException;

        /// How many are left.
        long left();
    }

    private static final int STORED_BLOCK_BYTES = BodySealer.BLOCK_BYTES + BlockCipher.TAG_BYTES;

    private final KeyRing keys;
    private final Arena arena = Arena.ofShared();
    private final ByteBuffer plain = arena.allocate(BodySealer.BLOCK_BYTES).asByteBuffer();

    /// Of the last reset.
    private byte @Nullable [] dataKey;

    private @Nullable SegmentHeader header;
    private ByteBuffer bound = BlockCipher.NOTHING;
    private String object = "";
    private long at;
    private @Nullable BlockCipher cipher;
    private long block;
    private long blockCount;

    public BodyOpener(KeyRing keys) {
        this.keys = keys;
    }

    /// Begins a body. All bodies since its reset must have been opened before.
    ///
    /// @param object for errors
    /// @param at offset of the segment in it, for errors
    public void begin(SegmentHeader header, ByteBuffer headerBytes, String object, long at) {
        this.header = header;
        this.object = object;
        this.at = at;
        bound = headerBytes.slice(0, SegmentHeader.CRC_AT);
        cipher = null;
    }

    /// What the next block holds; to be called while something is left. Valid until the next call.
    public ByteBuffer next(Stored stored) throws IOException, FormatException {
        if (cipher == null) {
            beginBlocks(stored);
        }
        int count = (int) Math.min(stored.left(), STORED_BLOCK_BYTES);
        require(stored, BlockCipher.TAG_BYTES + 1, "encrypted block " + block);
        boolean isLast = count == stored.left();
        long blockAt = place(stored);
        ByteBuffer bytes = stored.take(count);
        if (!cipher().open(block, isLast, bound, bytes, plain.clear())) {
            SealedObject owner = SealedObject.of(header());
            throw new BlockDiagnosis(cipher(), owner, block, isLast, blockCount, bound)
                    .of(bytes, object, blockAt);
        }
        block++;
        return plain.flip();
    }

    /// What stands in front of the blocks.
    private void beginBlocks(Stored stored) throws IOException, FormatException {
        if (header().isReset()) {
            dataKey = null;
            long keyAt = place(stored);
            require(stored, Integer.BYTES, "length of the wrapped data key");
            int length = stored.take(Integer.BYTES).getInt(0);
            if (length < 1 || length > WrappedKey.MAX_BYTES) {
                throw new FormatException.BadField(
                        object,
                        keyAt,
                        "length of the wrapped data key",
                        Integer.toUnsignedString(length),
                        "1 to " + WrappedKey.MAX_BYTES);
            }
            require(stored, length, "wrapped data key");
            byte[] ageFile = new byte[length];
            stored.take(length).get(0, ageFile);
            dataKey = keys.open(new WrappedKey(ageFile), object, keyAt);
        }
        require(stored, SealedObject.SALT_BYTES, "salt");
        byte[] salt = new byte[SealedObject.SALT_BYTES];
        stored.take(salt.length).get(0, salt);
        cipher = new BlockCipher(SealedObject.of(header()).key(dataKey(), salt));
        block = 0;
        blockCount = Math.ceilDiv(stored.left(), STORED_BLOCK_BYTES);
    }

    private void require(Stored stored, int count, String what) throws FormatException {
        if (stored.left() < count) {
            throw new FormatException.Truncated(object, place(stored), what, stored.left(), count);
        }
    }

    private long place(Stored stored) {
        return at + SegmentHeader.BYTES + header().bodyLength() - stored.left();
    }

    private byte[] dataKey() {
        if (dataKey == null) {
            throw new IllegalStateException("no reset was opened before");
        }
        return dataKey;
    }

    private SegmentHeader header() {
        if (header == null) {
            throw new IllegalStateException("no body was begun");
        }
        return header;
    }

    private BlockCipher cipher() {
        if (cipher == null) {
            throw new IllegalStateException("no body was begun");
        }
        return cipher;
    }

    @Override
    public void close() {
        arena.close();
    }
}
