package dev.holdfast.storage.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

class BlockCodecTest {
    @ParameterizedTest
    @EnumSource(Codec.class)
    void blocksComeBackAndNoneIsLargerThanRaw(Codec codec) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        try (BlockCodec block = BlockCodec.of(codec)) {
            for (int length : new int[] {512, 65_536, 1_000_000}) {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                assertThat(roundTrip(block, new byte[length])).isLessThan(length / 10);
                assertThat(roundTrip(block, noise)).isEqualTo(length);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aBlockThatGivesAnotherLengthIsRefused(Codec codec) {
        ByteBuffer stored = ByteBuffer.allocateDirect(10_000);
        try (BlockCodec block = BlockCodec.of(codec)) {
            block.compress(ByteBuffer.allocateDirect(10_000), stored);
            stored.flip();
            for (int wanted : new int[] {9_999, 10_001, 1 << 20}) {
                assertThatThrownBy(() ->
                                block.decompress(
                                        stored.duplicate(),
                                        ByteBuffer.allocateDirect(wanted),
                                        "snapshots/x",
                                        64))
                        .isInstanceOf(FormatException.BadCompression.class)
                        .hasMessageStartingWith("snapshots/x, byte 64");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void damagedBlocksAreRefusedOrGiveAsManyBytesAsAskedFor(Codec codec) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer raw = ByteBuffer.allocateDirect(4096);
        for (int i = 0; i < 4096; i++) {
            raw.put(i, (byte) random.nextInt(4));
        }
        ByteBuffer stored = ByteBuffer.allocateDirect(4096);
        try (BlockCodec block = BlockCodec.of(codec)) {
            block.compress(raw, stored);
            stored.flip();
            for (int bit = 0; bit < 8 * stored.limit(); bit++) {
                stored.put(bit / 8, (byte) (stored.get(bit / 8) ^ 1 << bit % 8));
                try {
                    block.decompress(stored.duplicate(), raw.clear(), "snapshots/x", 64);
                    assertThat(raw.hasRemaining()).isFalse();
                } catch (FormatException e) {
                    assertThat(e.object()).isEqualTo("snapshots/x");
                }
                stored.put(bit / 8, (byte) (stored.get(bit / 8) ^ 1 << bit % 8));
            }
        }
    }

    private static int roundTrip(BlockCodec block, byte[] bytes) throws FormatException {
        ByteBuffer raw = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        ByteBuffer stored = ByteBuffer.allocateDirect(bytes.length);
        block.compress(raw, stored);
        assertThat(raw.hasRemaining()).isFalse();
        int length = stored.position();
        ByteBuffer back = ByteBuffer.allocateDirect(bytes.length);
        block.decompress(stored.flip(), back, "snapshots/x", 64);
        assertThat(back.flip()).isEqualTo(raw.flip());
        return length;
    }
}
