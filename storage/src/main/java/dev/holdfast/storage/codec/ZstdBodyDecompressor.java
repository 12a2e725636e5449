package dev.holdfast.storage.codec;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;

/// The mirror of [ZstdBodyCompressor]. zstd itself refuses a frame with a larger window than it was
/// told.
final class ZstdBodyDecompressor implements BodyDecompressor {
    /// RFC 8878, 3.1.1: magic, then the frame header's descriptor. zstd would take skippable and
    /// legacy frames too; the log has none.
    private static final byte[] MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    /// Of the descriptor: a reserved bit, content checksum, dictionary id.
    private static final int FORBIDDEN_FLAGS = 0x0f;

    private final ZstdDecompressCtx stream = new ZstdDecompressCtx();
    private final ByteBuffer nothing = ByteBuffer.allocateDirect(0);
    private final ByteBuffer probe = ByteBuffer.allocateDirect(1);
    private String object = "";
    private long at;
    private long rawLength;
    private long rawLeft;

    /// How many bytes of the frame's start were looked at; all of them if this is one more than the
    /// magic has.
    private int checked;

    private boolean isFrameEnded;

    @Override
    public void begin(SegmentHeader header, String object, long at) {
        this.object = object;
        this.at = at;
        rawLength = header.rawLength();
        rawLeft = rawLength;
        if (header.isReset()) {
            stream.reset();
            stream.setLongMax(header.windowLog2());
            checked = 0;
            isFrameEnded = false;
        }
    }

    @Override
    public void read(ByteBuffer stored, ByteBuffer raw) throws FormatException {
        checkFrameStart(stored);
        int limit = raw.limit();
        int before = raw.position();
        if (rawLeft > 0 && raw.hasRemaining()) {
            raw.limit((int) Math.min(limit, before + rawLeft));
            decompress(stored, raw);
            rawLeft -= raw.position() - before;
            raw.limit(limit);
        }
        if (rawLeft == 0) {
            requireNoMore(stored);
        }
    }

    @Override
    public void end() throws FormatException {
        if (rawLeft > 0) {
            throw bad((rawLength - rawLeft) + " bytes, wanted " + rawLength);
        }
        requireNoMore(nothing);
    }

    /// What is left of the body may end a block, or the frame; it may not hold another byte.
    private void requireNoMore(ByteBuffer stored) throws FormatException {
        int position;
        do {
            position = stored.position();
            decompress(stored, probe.clear());
            if (probe.position() > 0) {
                throw bad("more than the " + rawLength + " bytes that the header says");
            }
        } while (stored.hasRemaining() && stored.position() > position);
    }

    private void decompress(ByteBuffer stored, ByteBuffer raw) throws FormatException {
        if (isFrameEnded) {
            if (stored.hasRemaining() || rawLeft > 0) {
                throw bad("the zstd frame has ended before");
            }
            return;
        }
        try {
            isFrameEnded = stream.decompressDirectByteBufferStream(raw, stored);
        } catch (ZstdException e) {
            throw bad("zstd says " + e.getMessage());
        }
    }

    private void checkFrameStart(ByteBuffer stored) throws FormatException {
        for (int i = stored.position();
                i < stored.limit() && checked <= MAGIC.length;
                i++, checked++) {
            boolean isGood =
                    checked < MAGIC.length
                            ? stored.get(i) == MAGIC[checked]
                            : (stored.get(i) & FORBIDDEN_FLAGS) == 0;
            if (!isGood) {
                throw bad("not the start of a zstd frame without dictionary and checksum");
            }
        }
    }

    private FormatException bad(String detail) {
        return new FormatException.BadCompression(object, at, detail);
    }

    @Override
    public void close() {
        stream.close();
    }
}
