package dev.holdfast.storage.codec;

import dev.holdfast.format.failure.FormatException;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

import java.nio.ByteBuffer;

/// An LZ4 block a block.
final class Lz4BlockCodec implements BlockCodec {
    private final LZ4Compressor compressor = LZ4Factory.safeInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor = LZ4Factory.safeInstance().safeDecompressor();

    @Override
    public void compress(ByteBuffer raw, ByteBuffer stored) {
        // One byte less than raw: what does not fit is stored raw.
        int room = raw.remaining() - 1;
        int length;
        try {
            length =
                    compressor.compress(
                            raw, raw.position(), raw.remaining(), stored, stored.position(), room);
        } catch (LZ4Exception _) {
            stored.put(raw);
            return;
        }
        stored.position(stored.position() + length);
        raw.position(raw.limit());
    }

    @Override
    public void decompress(ByteBuffer stored, ByteBuffer raw, String object, long at)
            throws FormatException {
        if (stored.remaining() == raw.remaining()) {
            raw.put(stored);
            return;
        }
        int length;
        try {
            length =
                    decompressor.decompress(
                            stored,
                            stored.position(),
                            stored.remaining(),
                            raw,
                            raw.position(),
                            raw.remaining());
        } catch (LZ4Exception | IndexOutOfBoundsException e) {
            throw new FormatException.BadCompression(object, at, "LZ4 says " + e.getMessage());
        }
        if (length != raw.remaining()) {
            throw new FormatException.BadCompression(
                    object, at, length + " bytes, wanted " + raw.remaining());
        }
        raw.position(raw.limit());
        stored.position(stored.limit());
    }

    @Override
    public void close() {}
}
