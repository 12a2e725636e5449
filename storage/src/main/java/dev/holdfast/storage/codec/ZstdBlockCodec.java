package dev.holdfast.storage.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// A zstd frame a block. Pages of one database are much alike within a few hundred kilobytes, so
/// level 1's own window is kept.
final class ZstdBlockCodec implements BlockCodec {
    private static final int LEVEL = 1;

    private final ZstdCompressCtx compressor = new ZstdCompressCtx().setLevel(LEVEL);
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

    @Override
    public void compress(ByteBuffer raw, ByteBuffer stored) {
        // One byte less than raw: what does not fit is stored raw.
        int room = raw.remaining() - 1;
        int length;
        try {
            length =
                    compressor.compressDirectByteBuffer(
                            stored, stored.position(), room, raw, raw.position(), raw.remaining());
        } catch (ZstdException e) {
            if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                throw e;
            }
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
                    decompressor.decompressDirectByteBuffer(
                            raw,
                            raw.position(),
                            raw.remaining(),
                            stored,
                            stored.position(),
                            stored.remaining());
        } catch (ZstdException e) {
            throw new FormatException.BadCompression(object, at, "zstd says " + e.getMessage());
        }
        if (length != raw.remaining()) {
            throw new FormatException.BadCompression(
                    object, at, length + " bytes, wanted " + raw.remaining());
        }
        raw.position(raw.limit());
        stored.position(stored.limit());
    }

    @Override
    public void close() {
        compressor.close();
        decompressor.close();
    }
}
