package dev.holdfast.storage.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

import dev.holdfast.format.SegmentHeader;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// One zstd frame over many bodies, flushed at each one's end.
final class ZstdBodyCompressor implements BodyCompressor {
    static final int SMALLEST_WINDOW_LOG2 = 20;
    static final int LARGEST_WINDOW_LOG2 = 23;

    /// The fastest level that keeps a real match finder. What makes the ratio is not the level but
    /// that old pages are found again, far back: by long-distance matching, and by a hash table of
    /// 2^17 entries (level 1 alone has 2^14, which 8 MiB of pages overrun).
    private static final int LEVEL = 1;

    private static final int HASH_LOG2 = 17;

    /// Level 1 alone looks for 7 bytes, and misses words and rows that are a little alike.
    private static final int MIN_MATCH = 5;

    /// Small writes (a record's header, a page's number) are gathered, so that the native call is
    /// made once for many.
    private static final int INPUT_BYTES = 64 << 10;

    private static final int OUTPUT_BYTES = 64 << 10;

    private final int windowLog2;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment inputMemory = arena.allocate(INPUT_BYTES);
    private final ByteBuffer input = inputMemory.asByteBuffer();
    private final ByteBuffer output = arena.allocate(OUTPUT_BYTES).asByteBuffer();
    private final ZstdCompressCtx stream = new ZstdCompressCtx();
    private boolean isBegun;

    ZstdBodyCompressor(int windowLog2) {
        if (windowLog2 < SegmentHeader.MIN_WINDOW_LOG2
                || windowLog2 > SegmentHeader.MAX_WINDOW_LOG2) {
            throw new IllegalArgumentException("window of 2^" + windowLog2 + " bytes");
        }
        this.windowLog2 = windowLog2;
    }

    @Override
    public void begin(boolean isReset) {
        if (!isReset && !isBegun) {
            throw new IllegalStateException("the first body must be a reset");
        }
        input.clear();
        if (isReset) {
            stream.reset();
            stream.setLevel(LEVEL)
                    .setWindowLog(windowLog2)
                    .setHashLog(HASH_LOG2)
                    .setMinMatch(MIN_MATCH);
            stream.setEnableLongDistanceMatching(Zstd.ParamSwitch.ENABLE)
                    .setContentSize(false)
                    .setChecksum(false);
            isBegun = true;
        }
    }

    @Override
    public void write(MemorySegment raw, Sink out) throws IOException {
        long done = 0;
        while (done < raw.byteSize()) {
            int count = (int) Math.min(raw.byteSize() - done, input.remaining());
            MemorySegment.copy(raw, done, inputMemory, input.position(), count);
            input.position(input.position() + count);
            done += count;
            if (!input.hasRemaining()) {
                compress(EndDirective.CONTINUE, out);
            }
        }
    }

    @Override
    public void flush(Sink out) throws IOException {
        compress(EndDirective.FLUSH, out);
    }

    private void compress(EndDirective directive, Sink out) throws IOException {
        input.flip();
        boolean isDone;
        do {
            output.clear();
            boolean isFlushed = stream.compressDirectByteBufferStream(output, input, directive);
            isDone = directive == EndDirective.FLUSH ? isFlushed : !input.hasRemaining();
            if (output.position() > 0) {
                out.write(output.flip());
            }
        } while (!isDone);
        input.clear();
    }

    @Override
    public void close() {
        stream.close();
        arena.close();
    }
}
