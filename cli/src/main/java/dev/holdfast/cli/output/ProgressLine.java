package dev.holdfast.cli.output;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// One line at the bottom of a terminal that is written over and over; where there is no terminal,
/// nothing. Owned by one thread.
public final class ProgressLine implements AutoCloseable {
    /// Ten a second is as fast as a person reads, and costs nothing.
    private static final long PERIOD_NANOS = 100_000_000;

    /// Wider lines would wrap on a narrow terminal, and then no longer be written over.
    private static final int MAX_COLUMNS = 79;

    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream terminal;
    private final boolean isShown;
    private final LongSupplier nanoTime;
    private long nextNanos;
    private boolean isDirty;

    /// @param isShown is `terminal` one?
    /// @param nanoTime as [System#nanoTime]
    public ProgressLine(PrintStream terminal, boolean isShown, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.isShown = isShown;
        this.nanoTime = nanoTime;
        this.nextNanos = nanoTime.getAsLong();
    }

    /// Shows the text if it is time for it again; else it isn't even made.
    public void update(Supplier<String> text) {
        if (!isShown) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (now - nextNanos < 0) {
            return;
        }
        nextNanos = now + PERIOD_NANOS;
        String line = text.get();
        String clipped =
                line.length() <= MAX_COLUMNS ? line : line.substring(0, MAX_COLUMNS - 1) + "…";
        terminal.print(CLEAR + clipped);
        terminal.flush();
        isDirty = true;
    }

    public boolean isShown() {
        return isShown;
    }

    /// Takes the line away, so that a line that stays can be printed; the next update shows at
    /// once.
    public void clear() {
        if (isDirty) {
            terminal.print(CLEAR);
            terminal.flush();
            isDirty = false;
            nextNanos = nanoTime.getAsLong();
        }
    }

    @Override
    public void close() {
        clear();
    }
}
