package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.holdfast.format.failure.SidecarException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

final class DurationArgumentTest {
    @ParameterizedTest
    @CsvSource({
        "30s, PT30S",
        "5m, PT5M",
        "500ms, PT0.5S",
        "1m5ms, PT1M0.005S",
        "2h30m, PT2H30M",
        "7d, PT168H",
        "1d2h3m4s5ms, PT26H3M4.005S",
        "0s, PT0S",
        "90m, PT1H30M",
        "36500d, PT876000H"
    })
    void readsDurations(String text, String duration) {
        assertThat(new DurationArgument().convert(text)).isEqualTo(Duration.parse(duration));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "s",
                "-5s",
                "5 s",
                "1.5s",
                "5S",
                "PT5S",
                "5s5m",
                "5s5s",
                "5min",
                "5sec",
                "9999999999s",
                "٣s"
            })
    void refusesWhatIsNoDuration(String text) {
        assertRefused(text, "wanted a duration", "30s, 5m, 2h30m");
    }

    @Test
    void aNumberWithoutAUnitIsRefusedWithTheUnits() {
        assertRefused("30", "its unit", "Write 30s for seconds, 30m for minutes.");
    }

    @Test
    void moreThanAHundredYearsAreRefused() {
        assertRefused("36501d", "at most 36500d", "shorter");
    }

    private static void assertRefused(String text, String error, String hint) {
        assertThatThrownBy(() -> new DurationArgument().convert(text))
                .hasMessageContaining("found \"" + text + "\"")
                .hasMessageContaining(error)
                .asInstanceOf(type(SidecarException.BadUsage.class))
                .extracting(SidecarException::remedy)
                .asString()
                .contains(hint);
    }
}
