package dev.holdfast.tests.harness;

import java.nio.file.Path;

/// Where the programs lie that the tests start; `./dev` and the build say so.
public final class Installation {
    public static final Path ROOT =
            Path.of(System.getProperty("holdfast.root", "..")).toAbsolutePath();

    /// The distribution's launcher: the command as users have it.
    public static final Path LAUNCHER =
            Path.of(
                            System.getProperty(
                                    "holdfast.launcher",
                                    ROOT + "/cli/target/holdfast/bin/holdfast"))
                    .toAbsolutePath()
                    .normalize();

    /// A Python 3.11 or newer with what `tests/requirements.txt` names.
    public static final String PYTHON = System.getProperty("holdfast.python", "python3");

    public static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    public static final String CLASS_PATH = System.getProperty("java.class.path");

    private Installation() {}
}
