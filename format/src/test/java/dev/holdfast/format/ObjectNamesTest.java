package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;

class ObjectNamesTest {
    @Test
    void namesAreThoseOfThePage() {
        assertThat(ObjectNames.log(0x1234abcdL)).isEqualTo("log/000000001234abcd.seg");
        assertThat(ObjectNames.snapshot(Long.MAX_VALUE))
                .isEqualTo("snapshots/7fffffffffffffff.snap");
        assertThat(ObjectNames.logSeq("log/000000001234abcd.seg")).hasValue(0x1234abcdL);
        assertThat(ObjectNames.snapshotSeq("snapshots/7fffffffffffffff.snap"))
                .hasValue(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "log/",
                "log/000000001234ABCD.seg",
                "log/00000001234abcd.seg",
                "log/0000000001234abcd.seg",
                "log/000000001234abcg.seg",
                "log/000000001234abcd.snap",
                "log/000000001234abcd.seg.tmp",
                "log/0000000000000000.seg",
                "log/ffffffffffffffff.seg",
                "x/log/00000001234abcd.seg",
                "snapshots/000000001234abcd.seg"
            })
    void otherNamesAreNotOfTheArchive(String name) {
        assertThat(ObjectNames.logSeq(name)).isEmpty();
        assertThat(ObjectNames.snapshotSeq(name)).isEmpty();
    }

    @Test
    void theNameOfAWrappedKeySaysOfWhatForWhomAndWhatIsInIt() {
        Digest wrap = Digest.of(ByteBuffer.wrap(new byte[] {1}));
        Digest recipient = Digest.of(ByteBuffer.wrap(new byte[] {2}));
        Digest content = Digest.of(ByteBuffer.wrap(new byte[] {3}));
        String name = ObjectNames.key(wrap, recipient, content);
        assertThat(name).isEqualTo("keys/4bf5122f344554c5-dbc1b4c900ffe48d-084fed08b978af4d.key");
        assertThat(ObjectNames.isKey(name)).isTrue();
        assertThat(ObjectNames.keyContent(name)).isEqualTo("084fed08b978af4d");
        assertThat(name).startsWith(ObjectNames.keysOf(wrap, recipient));
        assertThat(ObjectNames.keysOf(wrap, recipient)).startsWith(ObjectNames.keysOf(wrap));
        assertThat(ObjectNames.isKey("keys/4bf5122f344554c5-dbc1b4c900ffe48d.key")).isFalse();
        assertThat(ObjectNames.isKey(name + ".tmp")).isFalse();
    }
}
