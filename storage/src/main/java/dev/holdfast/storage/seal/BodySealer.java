package dev.holdfast.storage.seal;

import dev.holdfast.storage.codec.BodyCompressor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// Encrypts the bodies of segments, one after another, on their way from the codec to the file
/// (`docs/format.md`, section 8.2). Owned by one thread.
public final class BodySealer implements BodyCompressor.Sink, AutoCloseable {
    static final int BLOCK_BYTES = 64 << 10;

    private final DataKey dataKey;
    private final SecureRandom random = new SecureRandom();
    private final Arena arena = Arena.ofShared();
    private final ByteBuffer plain = arena.allocate(BLOCK_BYTES).asByteBuffer();
    private final ByteBuffer sealed =
            arena.allocate(BLOCK_BYTES + BlockCipher.TAG_BYTES).asByteBuffer();
    private BodyCompressor.Sink out = _ -> {};
    private @Nullable BlockCipher cipher;
    private @Nullable ByteBuffer prelude;
    private long block;

    /// @param dataKey for all bodies, the first of which is a reset
    public BodySealer(DataKey dataKey) {
        this.dataKey = dataKey;
    }

    /// Begins a body.
    ///
    /// @param isReset whether the data key is to be stored with it
    /// @param out takes what is stored
    public void begin(SealedObject object, boolean isReset, BodyCompressor.Sink out) {
        byte[] salt = new byte[SealedObject.SALT_BYTES];
        random.nextBytes(salt);
        cipher = new BlockCipher(object.key(dataKey.bytes(), salt));
        prelude = isReset ? prelude(salt) : ByteBuffer.wrap(salt);
        this.out = out;
        block = 0;
        plain.clear();
    }

    private ByteBuffer prelude(byte[] salt) {
        ByteBuffer ageFile = dataKey.wrapped().bytes();
        return ByteBuffer.allocate(Integer.BYTES + ageFile.remaining() + salt.length)
                .putInt(ageFile.remaining())
                .put(ageFile)
                .put(salt)
                .flip();
    }

    @Override
    public void write(ByteBuffer compressed) throws IOException {
        while (compressed.hasRemaining()) {
            // Only now: the last block is sealed as such, and never empty
            if (!plain.hasRemaining()) {
                writePrelude();
                cipher().seal(block++, plain.flip(), sealed.clear());
                out.write(sealed.flip());
                plain.clear();
            }
            int count = Math.min(compressed.remaining(), plain.remaining());
            plain.put(plain.position(), compressed, compressed.position(), count);
            plain.position(plain.position() + count);
            compressed.position(compressed.position() + count);
        }
    }

    /// How many bytes [#end] will write.
    public int endBytes() {
        int left = prelude == null ? 0 : prelude.remaining();
        return left + plain.position() + BlockCipher.TAG_BYTES;
    }

    /// Writes what is left of the body.
    ///
    /// @param bound what the last block vouches for as well
    public void end(ByteBuffer bound) throws IOException {
        writePrelude();
        cipher().sealLast(block, bound, plain.flip(), sealed.clear());
        out.write(sealed.flip());
    }

    private void writePrelude() throws IOException {
        ByteBuffer first = prelude;
        if (first != null) {
            prelude = null;
            out.write(first);
        }
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
