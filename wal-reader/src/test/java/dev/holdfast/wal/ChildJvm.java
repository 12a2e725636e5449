package dev.holdfast.wal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command that runs a main of the tests in a JVM of its own.
final class ChildJvm {
    private ChildJvm() {}

    static List<String> command(Class<?> main, String... options) {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, main.getName()));
        return command;
    }
}
