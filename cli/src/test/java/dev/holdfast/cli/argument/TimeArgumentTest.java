package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.holdfast.cli.output.Times;
import dev.holdfast.format.failure.SidecarException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;

final class TimeArgumentTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final TimeArgument argument =
            new TimeArgument(Clock.fixed(NOW, ZoneId.of("Europe/Vienna")));

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T11:00:00Z, 2026-03-01T11:00:00Z",
        "2026-03-01T11:00:00.123456Z, 2026-03-01T11:00:00.123456Z",
        "2026-03-01t11:00:00z, 2026-03-01T11:00:00Z",
        "2026-03-01 11:00:00Z, 2026-03-01T11:00:00Z",
        "2026-03-01T11:00Z, 2026-03-01T11:00:00Z",
        "2026-03-01T11:00:00+01:00, 2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00.25-05:30, 2026-03-01T16:30:00.25Z",
        "2026-03-01T11:00:00-00:00, 2026-03-01T11:00:00Z",
        "10m ago, 2026-03-01T11:50:00Z",
        "2h30m ago, 2026-03-01T09:30:00Z",
        "0s ago, 2026-03-01T12:00:00Z",
        "1d  ago, 2026-02-28T12:00:00Z"
    })
    void readsMoments(String text, Instant moment) {
        assertThat(argument.convert(text)).isEqualTo(moment);
    }

    @Test
    void takesBackWhatIsPrinted() {
        Instant time = Instant.parse("2026-03-01T11:59:59.000001Z");
        assertThat(argument.convert(Times.rfc3339(time))).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T13:00:00, 2026-03-01T13:00:00Z is UTC, 2026-03-01T13:00:00+01:00",
        "2026-03-01 13:00, 2026-03-01T13:00:00Z is UTC, 2026-03-01T13:00:00+01:00",
        "2026-07-01T13:00:00.5, 2026-07-01T13:00:00.5Z is UTC, 2026-07-01T13:00:00.5+02:00",
        "2026-03-01, 2026-03-01T00:00:00Z is UTC, 2026-03-01T00:00:00+01:00",
        "08:15, 2026-03-01T08:15:00Z is UTC, 2026-03-01T08:15:00+01:00"
    })
    void aTimeWithoutAZoneIsRefusedWithBothReadings(String text, String utc, String here) {
        assertRefused(
                text, "wanted a time with its zone", utc + ", " + here + " is the zone of this");
    }

    @Test
    void whereTheMachineIsInUtcThereIsOneReading() {
        TimeArgument inUtc = new TimeArgument(Clock.fixed(NOW, ZoneId.of("UTC")));
        assertThatThrownBy(() -> inUtc.convert("2026-03-01T13:00:00"))
                .asInstanceOf(type(SidecarException.class))
                .extracting(SidecarException::remedy)
                .asString()
                .contains("2026-03-01T13:00:00Z is UTC, which is also the zone of this machine");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-30T11:00:00Z",
                "2026-13-01T11:00:00Z",
                "2026-03-01T24:00:00Z",
                "2026-03-01T11:60:00Z",
                "2026-03-01T11:00:00+19:00",
                "2026-02-29",
                "25:00"
            })
    void aTimeThatDoesNotExistIsRefused(String text) {
        assertRefused(text, "wanted a time that exists", "2026-03-01T12:00:00Z");
    }

    @Test
    void aDurationAloneIsNoTime() {
        assertRefused("10m", "a duration, wanted a time", "Write \"10m ago\", in quotes.");
    }

    @Test
    void aDurationThatIsNoneIsRefusedAsSuch() {
        assertRefused("10 ago", "wanted a duration with its unit", "Write 10s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "now", "ago", "1700000000x", "2026-3-1T1:00:00Z"})
    void refusesWhatIsNoTime(String text) {
        assertRefused(text, "wanted a time", "\"10m ago\"");
    }

    private void assertRefused(String text, String error, String hint) {
        assertThatThrownBy(() -> argument.convert(text))
                .hasMessageContaining(error)
                .asInstanceOf(type(SidecarException.BadUsage.class))
                .extracting(SidecarException::remedy)
                .asString()
                .contains(hint);
    }
}
