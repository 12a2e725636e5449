package dev.holdfast.cli.demo;

import dev.holdfast.cli.command.Surroundings;
import dev.holdfast.cli.output.ProgressLine;

import java.time.Duration;

/// Where the demo tells its story. Used by one thread.
final class DemoScreen implements AutoCloseable {
    private static final long PERIOD_NANOS = Duration.ofSeconds(1).toNanos();

    private final Surroundings surroundings;
    private final boolean isSilent;
    private final ProgressLine line;
    private long shownAt;

    /// @param isSilent is the result all that is wanted?
    DemoScreen(Surroundings surroundings, boolean isSilent) {
        this.surroundings = surroundings;
        this.isSilent = isSilent;
        this.line = surroundings.progressLine(isSilent);
        this.shownAt = surroundings.nanoTime().getAsLong();
    }

    void say(String text) {
        if (!isSilent) {
            line.clear();
            surroundings.out().println(text);
            surroundings.out().flush();
        }
    }

    /// Shows the counts as they are now: on a terminal in one line, else once a second.
    void show(long committed, LiveCounts counts) {
        long now = surroundings.nanoTime().getAsLong();
        String text =
                "   committed %,5d   captured %,5d   durable %,5d"
                        .formatted(committed, counts.captured(), counts.durable());
        line.update(() -> text);
        if (!line.isShown() && now - shownAt >= PERIOD_NANOS) {
            shownAt = now;
            say(text);
        }
    }

    @Override
    public void close() {
        line.close();
    }
}
