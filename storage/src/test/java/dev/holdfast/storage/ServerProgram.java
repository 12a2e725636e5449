package dev.holdfast.storage;

import static org.junit.jupiter.api.Assumptions.abort;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/// The program of a server that tests talk to, as the environment names it; `build/servers.sh`
/// finds or builds it.
public final class ServerProgram {
    private ServerProgram() {}

    /// Where there is none, the test that asks is skipped; in CI it fails.
    ///
    /// @param kind by which `build/servers.sh` counts what was skipped
    /// @param variable that names the program
    /// @param endpoint the variable that names a server which runs already, for the message
    public static Path named(String kind, String variable, String endpoint) {
        @Nullable String program = System.getenv(variable);
        if (program != null) {
            return Path.of(program);
        }
        String why =
                "no %s server for the tests: neither %s nor %s is set"
                        .formatted(kind, endpoint, variable);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(why + ", and in CI there must be one");
        }
        return abort(why + " (./dev sets one of them)");
    }
}
