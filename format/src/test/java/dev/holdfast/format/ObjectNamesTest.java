package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
}
