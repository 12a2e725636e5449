package dev.holdfast.storage.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SegmentHeader;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// The raw bytes of one body after another by the codecs' own streams (`docs/format.md`, section
/// 2.2), with none of the code under test. For bodies that were found good.
final class RawBodies {
    private ByteArrayOutputStream stored = new ByteArrayOutputStream();
    private long rawBefore;

    /// Of the raw bytes of the next body.
    Digest digest(SegmentHeader header, byte[] body) throws IOException {
        return switch (header.codec()) {
            case ZSTD -> zstd(header, body);
            case LZ4 -> lz4(body);
        };
    }

    private Digest zstd(SegmentHeader header, byte[] body) throws IOException {
        if (header.isReset()) {
            stored = new ByteArrayOutputStream();
            rawBefore = 0;
        }
        stored.writeBytes(body);
        MessageDigest sha256 = Digest.sha256();
        if (header.rawLength() > 0) {
            try (ZstdInputStreamNoFinalizer raw =
                    new ZstdInputStreamNoFinalizer(
                            new ByteArrayInputStream(stored.toByteArray()))) {
                raw.setContinuous(true).setLongMax(header.windowLog2());
                raw.skipNBytes(rawBefore);
                byte[] chunk = new byte[1 << 16];
                for (long left = header.rawLength(); left > 0; ) {
                    int count = raw.read(chunk, 0, (int) Math.min(left, chunk.length));
                    if (count < 0) {
                        throw new IOException("zstd ends " + left + " bytes before");
                    }
                    sha256.update(chunk, 0, count);
                    left -= count;
                }
            }
        }
        rawBefore += header.rawLength();
        return Digest.of(sha256);
    }

    private static Digest lz4(byte[] body) {
        LZ4SafeDecompressor lz4 = LZ4Factory.safeInstance().safeDecompressor();
        MessageDigest sha256 = Digest.sha256();
        for (ByteBuffer in = ByteBuffer.wrap(body); in.hasRemaining(); ) {
            byte[] raw = new byte[in.getInt()];
            byte[] block = new byte[in.getInt()];
            in.get(block);
            if (block.length == raw.length) {
                sha256.update(block);
            } else {
                sha256.update(raw, 0, lz4.decompress(block, 0, block.length, raw, 0));
            }
        }
        return Digest.of(sha256);
    }
}
