package dev.holdfast.tests.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `tests/independent_restore.py`: a restore that shares no code with Holdfast.
public final class IndependentRestore {
    private IndependentRestore() {}

    /// Restores a transaction; fails the test if that does not succeed.
    ///
    /// @param options further ones, as `--identity FILE`
    public static void run(Path archive, Path out, long tx, String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Installation.PYTHON,
                                Installation.ROOT
                                        .resolve("tests/independent_restore.py")
                                        .toString(),
                                archive.toString(),
                                out.toString(),
                                "--tx",
                                "" + tx));
        command.addAll(List.of(options));
        try (Program program = Program.start("independent_restore.py", archive, command)) {
            if (program.awaitExit() != 0) {
                throw new AssertionError("independent_restore.py failed: " + program.err());
            }
        }
    }
}
