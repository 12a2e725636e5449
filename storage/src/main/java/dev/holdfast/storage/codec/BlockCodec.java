package dev.holdfast.storage.codec;

import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// Compresses and decompresses the blocks of snapshots, each by itself. Owned by one thread, which
/// reuses it.
public sealed interface BlockCodec extends AutoCloseable permits ZstdBlockCodec, Lz4BlockCodec {
    /// Compresses all of `raw` to `stored`, from both positions on; raw bytes where that does not
    /// make them fewer. `stored` has room for as many bytes as `raw` has. Both are direct and their
    /// positions move.
    void compress(ByteBuffer raw, ByteBuffer stored);

    /// Decompresses all of `stored` to `raw`, and fills it to its limit. Both are direct and their
    /// positions move.
    ///
    /// @param object name of the snapshot, for errors
    /// @param at offset of the block in it, for errors
    void decompress(ByteBuffer stored, ByteBuffer raw, String object, long at)
            throws FormatException;

    @Override
    void close();

    /// The block codec of a codec.
    static BlockCodec of(Codec codec) {
        return switch (codec) {
            case ZSTD -> new ZstdBlockCodec();
            case LZ4 -> new Lz4BlockCodec();
        };
    }
}
