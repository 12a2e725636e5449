package dev.holdfast.tests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Runs all benchmarks, or the one that is named: `durable`, `restore`.
public final class Bench {
    private Bench() {}

    /// Prints what it measures.
    ///
    /// @param args at most one name
    public static void main(String[] args) throws Exception {
        List<String> wanted = args.length == 0 ? List.of("durable", "restore") : List.of(args);
        System.out.printf(
                "%d processors, Java %s, load average %s%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), load());
        for (String name : wanted) {
            Path folder = Files.createTempDirectory("holdfast-bench-");
            try {
                run(name, folder);
            } finally {
                remove(folder);
            }
        }
    }

    private static void run(String name, Path folder) throws Exception {
        switch (name) {
            case "durable" -> DurableBench.run(folder);
            case "restore" -> RestoreBench.run(folder);
            default -> {
                System.err.println("error: there is no bench " + name);
                System.err.println("hint: Name one of durable, restore; or none, for all.");
                System.exit(2);
            }
        }
    }

    private static String load() throws IOException {
        Path file = Path.of("/proc/loadavg");
        return Files.exists(file) ? Files.readString(file).split(" ", 2)[0] : "unknown";
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
