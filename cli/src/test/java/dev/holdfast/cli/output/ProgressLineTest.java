package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

final class ProgressLineTest {
    private static final long MILLI = 1_000_000;

    private final AtomicLong now = new AtomicLong();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void writesOverItselfAndLeavesNothing() {
        try (ProgressLine line = new ProgressLine(terminal, true, now::get)) {
            line.update(() -> "one");
            now.addAndGet(100 * MILLI);
            line.update(() -> "two");
        }
        assertThat(printed()).isEqualTo("\r\u001b[Kone\r\u001b[Ktwo\r\u001b[K");
    }

    @Test
    void isNotMadeMoreOftenThanItIsRead() {
        ProgressLine line = new ProgressLine(terminal, true, now::get);
        line.update(() -> "one");
        now.addAndGet(99 * MILLI);
        line.update(() -> {
            throw new AssertionError("made too early");
        });
        assertThat(printed()).isEqualTo("\r\u001b[Kone");
    }

    @Test
    void isNothingWithoutATerminal() {
        try (ProgressLine line = new ProgressLine(terminal, false, now::get)) {
            line.update(() -> "one");
        }
        assertThat(printed()).isEmpty();
    }

    @Test
    void neverWraps() {
        ProgressLine line = new ProgressLine(terminal, true, now::get);
        line.update(() -> "x".repeat(200));
        assertThat(printed()).isEqualTo("\r\u001b[K" + "x".repeat(78) + "…");
    }

    @Test
    void showsAgainAtOnceAfterALineThatStays() {
        ProgressLine line = new ProgressLine(terminal, true, now::get);
        line.update(() -> "one");
        line.clear();
        terminal.print("stays\n");
        line.update(() -> "two");
        assertThat(printed()).isEqualTo("\r\u001b[Kone\r\u001b[Kstays\n\r\u001b[Ktwo");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
