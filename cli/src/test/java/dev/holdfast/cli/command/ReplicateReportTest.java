package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.replicator.FollowerEvent;
import dev.holdfast.replicator.FollowerEvent.Part;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

final class ReplicateReportTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong();

    @Test
    void theSameTroubleTwiceInAMomentIsOneLine() {
        try (ReplicateReport report = report()) {
            report.accept(
                    new FollowerEvent.Troubled(new Part.State(), "the disk is full", "Make room."));
            report.accept(
                    new FollowerEvent.Troubled(new Part.State(), "the disk is full", "Make room."));
            assertThat(lines()).hasSize(1);
            assertThat(lines()[0])
                    .contains("\"event\":\"troubled\"")
                    .contains("\"error\":\"the disk is full\"")
                    .contains("\"hint\":\"Make room.\"")
                    .contains("\"times\":1");
            assertThat(report.trouble()).contains("the disk is full");
        }
    }

    @Test
    void aTroubleThatLastsSaysHowOftenItHappened() {
        try (ReplicateReport report = report()) {
            report.accept(
                    new FollowerEvent.Troubled(new Part.State(), "the disk is full", "Make room."));
            now.addAndGet(Duration.ofSeconds(10).toNanos());
            report.accept(
                    new FollowerEvent.Troubled(new Part.State(), "the disk is full", "Make room."));
            assertThat(lines()).hasSize(2);
            assertThat(lines()[1]).contains("\"times\":2,\"seconds\":10");
        }
    }

    @Test
    void anOutageIsToldWithTheSameWordsForAsLongAsItLasts() {
        try (ReplicateReport report = report()) {
            report.accept(away("after 7 attempts in 5 s"));
            report.accept(away("after 9 attempts in 5 s"));
            assertThat(lines()).hasSize(1);
            now.addAndGet(Duration.ofSeconds(10).toNanos());
            report.accept(away("after 8 attempts in 6 s"));
            assertThat(lines()).hasSize(2).allMatch(line -> line.contains("after 7 attempts"));
            assertThat(lines()[1]).contains("\"times\":3,\"seconds\":10");
        }
    }

    private static FollowerEvent away(String what) {
        return new FollowerEvent.Troubled(
                new Part.Store("memory"), what, "Start the server.", "Start the server.");
    }

    private ReplicateReport report() {
        return new ReplicateReport(
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        false,
                        false,
                        Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                        now::get,
                        (_, _) -> {},
                        Map.of()),
                true);
    }

    private String[] lines() {
        return out.toString(StandardCharsets.UTF_8).split("\n");
    }
}
