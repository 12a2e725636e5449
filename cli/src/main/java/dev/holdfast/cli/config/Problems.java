package dev.holdfast.cli.config;

import static java.util.Comparator.comparingInt;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.BadConfigFile;
import dev.holdfast.format.failure.SidecarException.BadConfigFile.Problem;

import java.util.ArrayList;
import java.util.List;

/// Gathers what is wrong with a file, so that all of it is told at once.
final class Problems {
    /// More of a text is not repeated.
    private static final int MOST_SHOWN = 60;

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    /// @param file as it was named
    Problems(String file) {
        this.file = file;
    }

    void add(LineColumn at, String message, String remedy) {
        found.add(new Problem(at.line(), at.column(), message, remedy));
    }

    /// What the reader of a value says of it.
    ///
    /// @param of what the value is of
    void add(LineColumn at, String of, SidecarException refusal) {
        add(at, of + ": " + refusal.getMessage(), refusal.remedy());
    }

    /// Throws them, if there are any.
    void check() {
        if (!found.isEmpty()) {
            throw toException();
        }
    }

    /// There is one at least.
    BadConfigFile toException() {
        return new BadConfigFile(
                file,
                found.stream()
                        .sorted(comparingInt(Problem::line).thenComparingInt(Problem::column))
                        .toList());
    }

    /// A text of the file in quotes, cut where it is long.
    static String quoted(String text) {
        return text.codePointCount(0, text.length()) <= MOST_SHOWN
                ? "\"" + text + "\""
                : "\"" + text.substring(0, text.offsetByCodePoints(0, MOST_SHOWN)) + "…\"";
    }
}
