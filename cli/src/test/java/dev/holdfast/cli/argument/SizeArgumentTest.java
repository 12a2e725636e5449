package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizeArgumentTest {
    @ParameterizedTest
    @CsvSource({
        "1kB, 1000",
        "1KiB, 1024",
        "500MB, 500000000",
        "256MiB, 268435456",
        "2GB, 2000000000",
        "999999TiB, 1099510528264372224"
    })
    void readsAWholeNumberAndAUnit(String text, long bytes) {
        assertThat(new SizeArgument().convert(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0MB",
                "-1MB",
                "1",
                "1.5GB",
                "1 GB",
                "1gb",
                "1mb",
                "1M",
                "1Gi",
                "GB",
                "01GB",
                "1000000TiB",
                "٣GB"
            })
    void whatIsNoSizeIsRefusedWithOneThatIs(String text) {
        assertThatThrownBy(() -> new SizeArgument().convert(text))
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessage("found \"" + text + "\", wanted a size such as 500MB, 2GB or 256MiB");
    }
}
