package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadRate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

final class UploadRateArgumentTest {
    @ParameterizedTest
    @CsvSource({
        "1, PT1S",
        "0.2, PT5S",
        "0.001, PT1000S",
        "20, PT0.05S",
        "1000, PT0.001S",
        "1000.000, PT0.001S",
        "3, PT0.333333333S"
    })
    void readsUploadsASecond(String text, String interval) {
        assertThat(new UploadRateArgument().convert(text))
                .isEqualTo(new UploadRate(Duration.parse(interval), UploadRate.DEFAULT_BURST));
    }

    @Test
    void unlimitedIsAWord() {
        assertThat(new UploadRateArgument().convert("unlimited")).isEqualTo(UploadRate.UNLIMITED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "0",
                "0.0",
                "-1",
                "+1",
                "1/s",
                "1e3",
                "1000.001",
                "9999",
                "0.0001",
                ".5",
                "1.",
                "1,5",
                "NaN",
                "Infinity",
                "٣",
                "Unlimited",
                "99999999999999999999"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> new UploadRateArgument().convert(text))
                .asInstanceOf(type(SidecarException.BadUsage.class))
                .satisfies(refusal -> {
                    assertThat(refusal.getMessage())
                            .isEqualTo(
                                    "found \"%s\", wanted uploads a second, 0.001 to 1000, or"
                                                    .formatted(text)
                                            + " unlimited");
                    assertThat(refusal.remedy()).isEqualTo("Write 0.2 for one in five seconds.");
                });
    }
}
