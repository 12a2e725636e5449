package dev.holdfast.storage.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

class BodyCodecTest {
    private static final int WINDOW_LOG2 = 18;

    /// A body as compressed, with what it must give.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Body(boolean isReset, byte[] raw, byte[] stored) {}

    @Test
    void aThousandBodiesOfOneStreamDecodeFromAnyReset() throws Exception {
        List<Body> bodies = bodies(Codec.ZSTD, 1_000, 1);
        try (BodyDecompressor decompressor = BodyDecompressor.of(Codec.ZSTD)) {
            for (int from = 0; from < bodies.size(); from++) {
                if (bodies.get(from).isReset()) {
                    int to = from == 0 ? bodies.size() : Math.min(bodies.size(), from + 150);
                    for (Body body : bodies.subList(from, to)) {
                        assertThat(decompress(decompressor, Codec.ZSTD, body))
                                .isEqualTo(body.raw());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aFlushedBodyDecodesWithoutTheNext(Codec codec) throws Exception {
        Body body = bodies(codec, 1, 2).getFirst();
        try (BodyDecompressor decompressor = BodyDecompressor.of(codec)) {
            assertThat(decompress(decompressor, codec, body)).isEqualTo(body.raw());
        }
    }

    @Test
    void everyLz4BodyStandsAlone() throws Exception {
        try (BodyDecompressor decompressor = BodyDecompressor.of(Codec.LZ4)) {
            for (Body body : bodies(Codec.LZ4, 50, 3).reversed()) {
                assertThat(decompress(decompressor, Codec.LZ4, body)).isEqualTo(body.raw());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ZSTD,3000000",
        "LZ4,3000000",
        "ZSTD,1",
        "LZ4,1",
        "LZ4,262144",
        "LZ4,262145",
        "ZSTD,65536"
    })
    void bodiesOfAnySizeOfNoiseAndOfOneByteComeBack(Codec codec, int length) throws Exception {
        byte[] noise = new byte[length];
        new SplittableRandom(length).nextBytes(noise);
        for (byte[] raw : List.of(noise, new byte[length])) {
            try (BodyCompressor compressor = BodyCompressor.of(codec, WINDOW_LOG2);
                    BodyDecompressor decompressor = BodyDecompressor.of(codec)) {
                Body body = new Body(true, raw, compress(compressor, true, raw));
                assertThat(decompress(decompressor, codec, body)).isEqualTo(raw);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void noMoreIsGivenThanTheHeaderSaysAndLessIsRefused(Codec codec) throws Exception {
        // 64 MiB of zeros in a few kilobytes.
        byte[] bomb;
        try (BodyCompressor compressor = BodyCompressor.of(codec, WINDOW_LOG2)) {
            bomb = compress(compressor, true, new byte[64 << 20]);
        }
        for (long lie :
                new long[] {
                    1, 28, 4096, (64 << 20) - 1, (64 << 20) + 1, SegmentHeader.MAX_LENGTH
                }) {
            ByteBuffer raw = ByteBuffer.allocateDirect(8192);
            try (BodyDecompressor decompressor = BodyDecompressor.of(codec)) {
                decompressor.begin(header(codec, true, lie), "log/x", 5);
                long given = 0;
                FormatException refusal = null;
                try {
                    ByteBuffer stored = direct(bomb);
                    long before;
                    do {
                        before = given + stored.position();
                        raw.clear();
                        decompressor.read(stored, raw);
                        given += raw.position();
                    } while (given + stored.position() > before);
                    decompressor.end();
                } catch (FormatException e) {
                    refusal = e;
                }
                assertThat(refusal)
                        .as("raw length " + lie)
                        .isInstanceOf(FormatException.BadCompression.class);
                assertThat(refusal).hasMessageStartingWith("log/x, byte 5");
                assertThat(given).isLessThanOrEqualTo(lie);
            }
        }
    }

    @Test
    void aWindowAboveTheHeadersIsRefused() throws Exception {
        byte[] raw = new byte[1 << 20];
        byte[] stored = frame(new ZstdCompressCtx().setWindowLog(19).setContentSize(false), raw);
        requireRefused(new Body(true, raw, stored), "too much memory");
        byte[] fits = frame(new ZstdCompressCtx().setWindowLog(18).setContentSize(false), raw);
        try (BodyDecompressor decompressor = BodyDecompressor.of(Codec.ZSTD)) {
            assertThat(decompress(decompressor, Codec.ZSTD, new Body(true, raw, fits)))
                    .isEqualTo(raw);
        }
    }

    @Test
    void framesThatTheLogDoesNotHaveAreRefused() throws Exception {
        byte[] raw = new byte[1000];
        requireRefused(
                new Body(true, raw, frame(new ZstdCompressCtx().setChecksum(true), raw)),
                "not the start");
        byte[] frame = frame(new ZstdCompressCtx().setContentSize(false), raw);
        byte[] two = Arrays.copyOf(frame, 2 * frame.length);
        System.arraycopy(frame, 0, two, frame.length, frame.length);
        requireRefused(new Body(true, new byte[2000], two), "has ended");
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
        requireRefused(new Body(true, raw, skippable), "not the start");
    }

    @Test
    void aFrameThatEndsWithItsBodyIsGoodAndDoesNotGoOn() throws Exception {
        byte[] raw = new byte[1000];
        Body ended = new Body(true, raw, frame(new ZstdCompressCtx().setContentSize(false), raw));
        try (BodyDecompressor decompressor = BodyDecompressor.of(Codec.ZSTD)) {
            assertThat(decompress(decompressor, Codec.ZSTD, ended)).isEqualTo(raw);
            Body more = new Body(false, raw, ended.stored());
            assertThatThrownBy(() -> decompress(decompressor, Codec.ZSTD, more))
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void lz4BlocksAreRefusedByTheirLengthsBeforeAnythingIsAllocated() {
        for (int[] lengths :
                new int[][] {
                    {0, 0},
                    {-1, 1},
                    {100, 0},
                    {100, 101},
                    {100, -1},
                    {(1 << 20) + 1, 5},
                    {1001, 5},
                    {Integer.MAX_VALUE, Integer.MAX_VALUE}
                }) {
            byte[] stored = ByteBuffer.allocate(108).putInt(lengths[0]).putInt(lengths[1]).array();
            assertThatThrownBy(
                            () -> {
                                try (BodyDecompressor decompressor =
                                        BodyDecompressor.of(Codec.LZ4)) {
                                    decompress(
                                            decompressor,
                                            Codec.LZ4,
                                            new Body(true, new byte[1000], stored));
                                }
                            })
                    .as(Arrays.toString(lengths))
                    .isInstanceOf(FormatException.BadCompression.class);
        }
    }

    /// Without a digest in front of it the decompressor must not fail otherwise than by refusing.
    @RepeatedTest(20)
    void damagedBytesAreRefusedOrGiveAsManyAsAskedFor(RepetitionInfo seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed.getCurrentRepetition());
        for (Codec codec : Codec.values()) {
            List<Body> bodies = bodies(codec, 3, seed.getCurrentRepetition());
            try (BodyDecompressor decompressor = BodyDecompressor.of(codec)) {
                for (int i = 0; i < 300; i++) {
                    Body body = bodies.getFirst();
                    byte[] damaged = body.stored().clone();
                    for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    int length =
                            random.nextInt(4) == 0
                                    ? random.nextInt(damaged.length)
                                    : damaged.length;
                    try {
                        byte[] raw =
                                decompress(
                                        decompressor,
                                        codec,
                                        new Body(true, body.raw(), Arrays.copyOf(damaged, length)));
                        assertThat(raw).hasSameSizeAs(body.raw());
                    } catch (FormatException e) {
                        assertThat(e.object()).isEqualTo("log/x");
                    }
                }
            }
        }
    }

    @Test
    void theWindowFollowsTheDatabase() {
        assertThat(BodyCompressor.windowLog2For(0)).isEqualTo(20);
        assertThat(BodyCompressor.windowLog2For(1 << 16)).isEqualTo(20);
        assertThat(BodyCompressor.windowLog2For(1 << 18)).isEqualTo(22);
        assertThat(BodyCompressor.windowLog2For((1 << 18) + 1)).isEqualTo(23);
        assertThat(BodyCompressor.windowLog2For(1L << 48)).isEqualTo(23);
    }

    @Test
    void aDatabaseOutgrowsAWindowThatIsLessThanFourTimesAsLarge() {
        assertThat(BodyCompressor.isOutgrown(20, 1 << 18)).isFalse();
        assertThat(BodyCompressor.isOutgrown(20, (1 << 18) + 1)).isTrue();
        assertThat(BodyCompressor.isOutgrown(22, 1 << 20)).isFalse();
        assertThat(BodyCompressor.isOutgrown(22, (1 << 20) + 1)).isTrue();
        assertThat(BodyCompressor.isOutgrown(23, 1L << 48)).isFalse();
    }

    @Test
    void aStreamBeginsWithAReset() {
        try (BodyCompressor compressor = BodyCompressor.of(Codec.ZSTD, WINDOW_LOG2)) {
            assertThatThrownBy(() -> compressor.begin(false))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> BodyCompressor.of(Codec.ZSTD, 25))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void requireRefused(Body body, String why) {
        assertThatThrownBy(
                        () -> {
                            try (BodyDecompressor decompressor = BodyDecompressor.of(Codec.ZSTD)) {
                                decompress(decompressor, Codec.ZSTD, body);
                            }
                        })
                .isInstanceOf(FormatException.BadCompression.class)
                .hasMessageContaining(why);
    }

    private static byte[] frame(ZstdCompressCtx context, byte[] raw) {
        try (context) {
            ByteBuffer out = ByteBuffer.allocateDirect((int) Zstd.compressBound(raw.length));
            ByteBuffer in = direct(raw);
            boolean isDone = false;
            while (!isDone) {
                isDone = context.compressDirectByteBufferStream(out, in, EndDirective.END);
            }
            byte[] frame = new byte[out.flip().remaining()];
            out.get(frame);
            return frame;
        }
    }

    /// Bodies that repeat most of what was before; a reset every so often.
    private static List<Body> bodies(Codec codec, int count, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] page = new byte[4100];
        random.nextBytes(page);
        List<Body> bodies = new ArrayList<>();
        try (BodyCompressor compressor = BodyCompressor.of(codec, WINDOW_LOG2)) {
            for (int i = 0; i < count; i++) {
                byte[] raw = new byte[random.nextInt(1, 3 * page.length)];
                for (int at = 0; at < raw.length; at += page.length) {
                    page[random.nextInt(page.length)]++;
                    System.arraycopy(page, 0, raw, at, Math.min(page.length, raw.length - at));
                }
                boolean isReset = codec == Codec.LZ4 || i % 100 == 0;
                bodies.add(new Body(isReset, raw, compress(compressor, isReset, raw)));
            }
        }
        return bodies;
    }

    private static byte[] compress(BodyCompressor compressor, boolean isReset, byte[] raw)
            throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        BodyCompressor.Sink sink =
                bytes -> {
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    stored.writeBytes(copy);
                };
        compressor.begin(isReset);
        // In two pieces, as records come in pieces.
        MemorySegment all = MemorySegment.ofArray(raw);
        long half = raw.length / 2;
        compressor.write(all.asSlice(0, half), sink);
        compressor.write(all.asSlice(half), sink);
        compressor.flush(sink);
        return stored.toByteArray();
    }

    private static byte[] decompress(BodyDecompressor decompressor, Codec codec, Body body)
            throws FormatException {
        decompressor.begin(header(codec, body.isReset(), body.raw().length), "log/x", 5);
        ByteBuffer raw = ByteBuffer.allocateDirect(body.raw().length + 10);
        ByteBuffer stored = direct(body.stored());
        int before;
        do {
            before = raw.position() + stored.position();
            decompressor.read(stored, raw);
        } while (raw.position() + stored.position() > before);
        decompressor.end();
        byte[] given = new byte[raw.flip().remaining()];
        raw.get(given);
        return given;
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static SegmentHeader header(Codec codec, boolean isReset, long rawLength) {
        return new SegmentHeader(
                SegmentHeader.Kind.COMMITS,
                isReset,
                false,
                codec,
                new PageSize(512),
                new ArchiveId(1, 2),
                2,
                Digest.parse("00".repeat(32)),
                new WriterId(1),
                2,
                1,
                codec == Codec.ZSTD ? WINDOW_LOG2 : 0,
                1,
                1,
                rawLength,
                1,
                1);
    }
}
