package dev.holdfast.cli.config;

import static java.util.Comparator.comparingInt;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.BadConfigFile;
import dev.holdfast.format.failure.SidecarException.BadConfigFile.Problem;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Gathers what is wrong with a file, so that all of it is told at once.
final class Problems {
    /// More of a text is not repeated.
    private static final int MOST_SHOWN = 60;

    /// More problems are only counted: nobody reads them, and a file of a megabyte may have a
    /// hundred thousand.
    static final int MOST_TOLD = 100;

    private final String file;

    /// One of a kind at each place.
    private final Set<Problem> found = new LinkedHashSet<>();

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
        List<Problem> inOrder =
                found.stream()
                        .sorted(comparingInt(Problem::line).thenComparingInt(Problem::column))
                        .toList();
        if (inOrder.size() <= MOST_TOLD) {
            return new BadConfigFile(file, inOrder);
        }
        List<Problem> told = new ArrayList<>(inOrder.subList(0, MOST_TOLD));
        Problem next = inOrder.get(MOST_TOLD);
        told.add(
                new Problem(
                        next.line(),
                        next.column(),
                        "%,d problems from here on are not told"
                                .formatted(inOrder.size() - MOST_TOLD),
                        "Correct those before, and check the file again."));
        return new BadConfigFile(file, told);
    }

    /// A text of the file in quotes, cut where it is long.
    static String quoted(String text) {
        return text.codePointCount(0, text.length()) <= MOST_SHOWN
                ? "\"" + text + "\""
                : "\"" + text.substring(0, text.offsetByCodePoints(0, MOST_SHOWN)) + "…\"";
    }
}
