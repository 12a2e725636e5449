package dev.holdfast.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The command, as users have it: the distribution's launcher in a process of its own.
public final class Holdfast {
    private Holdfast() {}

    /// How a command ended, and what it printed.
    public record Finished(int exit, List<String> out, List<String> err) {
        /// The one line of standard output, which is JSON.
        public Json json() {
            if (out.size() != 1) {
                throw new AssertionError("not one line: " + this);
            }
            return Json.parse(out.getFirst());
        }

        /// The line of standard error that begins so, such as `error: `.
        public String err(String prefix) {
            return err.stream()
                    .filter(line -> line.startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + prefix + " in " + this));
        }
    }

    /// Starts the command in `folder`.
    public static Program start(Path folder, String... arguments) {
        return start(folder, Map.of(), arguments);
    }

    /// As [#start(Path, String...)], with some variables of the environment.
    public static Program start(Path folder, Map<String, String> variables, String... arguments) {
        List<String> command =
                Stream.concat(Stream.of(Installation.LAUNCHER.toString()), Stream.of(arguments))
                        .toList();
        return Program.start("holdfast " + arguments[0], folder, variables, command);
    }

    /// Runs the command to its end.
    public static Finished run(Path folder, String... arguments) {
        return run(folder, Map.of(), arguments);
    }

    /// As [#run(Path, String...)], with some variables of the environment.
    public static Finished run(Path folder, Map<String, String> variables, String... arguments) {
        try (Program program = start(folder, variables, arguments)) {
            program.endInput();
            return new Finished(program.awaitExit(), program.out(), program.err());
        }
    }

    /// Runs the command to its end under a shell's limit.
    ///
    /// @param limit a command of the shell, such as `ulimit -f 100`
    public static Finished runLimited(Path folder, String limit, String... arguments) {
        List<String> command =
                Stream.concat(
                                Stream.of(
                                        "bash",
                                        "-c",
                                        limit + "; exec \"$0\" \"$@\"",
                                        Installation.LAUNCHER.toString()),
                                Stream.of(arguments))
                        .toList();
        try (Program program = Program.start("holdfast " + arguments[0], folder, command)) {
            program.endInput();
            return new Finished(program.awaitExit(), program.out(), program.err());
        }
    }

    /// Asks `verify`, which must find the archive good.
    public static void assertGood(Path archive) {
        List<Json> verdict = lines(archive, "verify", "--from", archive.toString());
        assertThat(verdict.getFirst().text("verdict")).isEqualTo("good");
    }

    /// Runs a command that must succeed, with `--json`, and returns its JSON lines.
    public static List<Json> lines(Path folder, String... arguments) {
        return lines(folder, Map.of(), arguments);
    }

    /// As [#lines(Path, String...)], with some variables of the environment.
    public static List<Json> lines(
            Path folder, Map<String, String> variables, String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.add("--json");
        Finished finished = run(folder, variables, words.toArray(String[]::new));
        if (finished.exit() != 0) {
            throw new AssertionError("it failed: " + finished);
        }
        return finished.out().stream().map(Json::parse).toList();
    }
}
