package dev.holdfast.cli.config;

import static java.util.stream.Collectors.joining;

import dev.holdfast.format.failure.SidecarException;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/// What a configuration file comes to.
///
/// @param file as it was named
/// @param databases one at least, in the order of the file
public record Config(String file, List<DatabaseConfig> databases) {
    /// More than one process will follow; below it, all can be compared with one another.
    static final int MAX_DATABASES = 1_000;

    /// More are not repeated in an error.
    private static final int MOST_NAMED = 10;

    public Config {
        databases = List.copyOf(databases);
    }

    /// The one that is meant.
    ///
    /// @param named by the user; null where there is only one
    public DatabaseConfig database(@Nullable Path named) {
        if (named != null) {
            return databases.stream()
                    .filter(database -> database.isOf(named))
                    .findFirst()
                    .orElseThrow(() ->
                            new SidecarException.BadUsage(
                                    "%s is none of the databases of %s: found %s"
                                            .formatted(named, file, names()),
                                    "Add it to the file, or leave --config (HOLDFAST_CONFIG)"
                                            + " out."));
        }
        if (databases.size() > 1) {
            throw new SidecarException.BadUsage(
                    "%s has %d databases, and one replicate follows one of them: found %s"
                            .formatted(file, databases.size(), names()),
                    "Name one, as in holdfast replicate %s --config %s, and start one for each."
                            .formatted(databases.getFirst().path().value(), file));
        }
        return databases.getFirst();
    }

    private String names() {
        String names =
                databases.stream()
                        .limit(MOST_NAMED)
                        .map(database -> database.path().value().toString())
                        .collect(joining(", "));
        return databases.size() > MOST_NAMED ? names + ", …" : names;
    }
}
