package dev.holdfast.storage.codec;

import dev.holdfast.format.failure.FormatException;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

import java.nio.ByteBuffer;

/// An LZ4 block a block. By way of arrays, as the pure Java codec is many times faster on them than
/// on direct buffers.
final class Lz4BlockCodec implements BlockCodec {
    private final LZ4Compressor compressor = LZ4Factory.safeInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor = LZ4Factory.safeInstance().safeDecompressor();
    private byte[] rawArray = {};
    private byte[] storedArray = {};

    @Override
    public void compress(ByteBuffer raw, ByteBuffer stored) {
        int rawLength = raw.remaining();
        reserve(rawLength, rawLength);
        raw.get(rawArray, 0, rawLength);
        try {
            // One byte less than raw: what does not fit is stored raw.
            int length = compressor.compress(rawArray, 0, rawLength, storedArray, 0, rawLength - 1);
            stored.put(storedArray, 0, length);
        } catch (LZ4Exception _) {
            stored.put(rawArray, 0, rawLength);
        }
    }

    @Override
    public void decompress(ByteBuffer stored, ByteBuffer raw, String object, long at)
            throws FormatException {
        int wanted = raw.remaining();
        int storedLength = stored.remaining();
        if (storedLength == wanted) {
            raw.put(stored);
            return;
        }
        reserve(wanted, storedLength);
        stored.get(storedArray, 0, storedLength);
        int length;
        try {
            length = decompressor.decompress(storedArray, 0, storedLength, rawArray, 0, wanted);
        } catch (LZ4Exception | IndexOutOfBoundsException e) {
            throw new FormatException.BadCompression(object, at, "LZ4 says " + e.getMessage());
        }
        if (length != wanted) {
            throw new FormatException.BadCompression(
                    object, at, length + " bytes, wanted " + wanted);
        }
        raw.put(rawArray, 0, length);
    }

    private void reserve(int rawLength, int storedLength) {
        if (rawArray.length < rawLength) {
            rawArray = new byte[rawLength];
        }
        if (storedArray.length < storedLength) {
            storedArray = new byte[storedLength];
        }
    }

    @Override
    public void close() {}
}
