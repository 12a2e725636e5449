package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;

final class LogLinesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long now;
    private final LogLines lines =
            new LogLines(new PrintStream(err, true, StandardCharsets.UTF_8), false, () -> now);

    @Test
    void anEventIsOneLineWithItsNameFirst() {
        log(Level.WARNING, "event=store_retry error=\"two\nlines\"");
        assertThat(printed())
                .isEqualTo(
                        "event=store_retry error=\"two lines\" level=WARNING"
                                + " at=1970-01-01T00:00:00Z\n");
    }

    @Test
    void anEventForProgramsIsOneJsonObject() {
        LogLines json =
                new LogLines(new PrintStream(err, true, StandardCharsets.UTF_8), true, () -> now);
        json.publish(
                event(
                        Level.WARNING,
                        "event=store_retry folder=/a b action=\"list\" error=\"no \"x\" there\""));
        assertThat(printed())
                .isEqualTo(
                        "{\"event\":\"store_retry\",\"folder\":\"/a b\",\"action\":\"list\","
                                + "\"error\":\"no \\\"x\\\" there\",\"level\":\"WARNING\","
                                + "\"at\":\"1970-01-01T00:00:00Z\"}\n");
    }

    @Test
    void whatOthersLogBecomesAnEvent() {
        LogRecord event = event(Level.INFO, "found {0}");
        event.setLoggerName("org.example");
        event.setParameters(new Object[] {"it"});
        event.setThrown(new IllegalStateException("why"));
        lines.publish(event);
        assertThat(printed())
                .startsWith(
                        "event=log logger=org.example text=\"found it\""
                                + " error=\"java.lang.IllegalStateException: why\" level=INFO");
    }

    @Test
    void whatIsForDevelopersIsNotTold() {
        log(Level.FINE, "event=store_retry");
        assertThat(printed()).isEmpty();
    }

    @Test
    void anEventThatGoesOnIsToldOnceAMinute() {
        for (int i = 0; i <= 120; i++) {
            log(Level.WARNING, "event=store_retry attempts=" + i);
            now += Duration.ofSeconds(1).toNanos();
        }
        log(Level.WARNING, "event=other");
        assertThat(printed().split("\n"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("attempts=0 level"),
                        line -> assertThat(line).contains("attempts=60 omitted=59 level"),
                        line -> assertThat(line).contains("attempts=120 omitted=59 level"),
                        line -> assertThat(line).startsWith("event=other level"));
    }

    private void log(Level level, String words) {
        lines.publish(event(level, words));
    }

    private static LogRecord event(Level level, String words) {
        LogRecord event = new LogRecord(level, words);
        event.setInstant(Instant.EPOCH);
        return event;
    }

    private String printed() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
