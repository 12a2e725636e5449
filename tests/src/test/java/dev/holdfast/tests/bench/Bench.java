package dev.holdfast.tests.bench;

import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Runs all benchmarks, or the one that is named. What each measures, and the last figures:
/// `docs/performance.md`.
public final class Bench {
    private static final Map<String, Benchmark> ALL =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("bucket", BucketBench::run),
                            Map.entry("bytes", BytesBench::run),
                            Map.entry("commit", CommitBench::run),
                            Map.entry("cpu", CpuBench::run),
                            Map.entry("durable", DurableBench::run),
                            Map.entry("endless", WalBench::runEndless),
                            Map.entry("memory", MemoryBench::run),
                            Map.entry("pause", DurableBench::runWithPauses),
                            Map.entry("replay", ReplayBench::run),
                            Map.entry("restore", RestoreBench::run),
                            Map.entry("sealed", DurableBench::runSealed),
                            Map.entry("snapshot", SnapshotBench::run),
                            Map.entry("verify", VerifyBench::run),
                            Map.entry("wal", WalBench::run)));

    private Bench() {}

    /// One figure, or a few that are measured together.
    @FunctionalInterface
    interface Benchmark {
        /// Prints what it measures.
        ///
        /// @param folder empty, for its files
        /// @param amount of rounds or seconds; each has its own default
        void run(Path folder, OptionalInt amount) throws Exception;
    }

    /// Prints what it measures.
    ///
    /// @param args at most a name, and how often or how long
    public static void main(String[] args) throws Exception {
        Collection<String> wanted = args.length == 0 ? ALL.keySet() : List.of(args[0]);
        OptionalInt amount =
                args.length < 2 ? OptionalInt.empty() : OptionalInt.of(amount(args[1]));
        System.out.printf(
                "%d processors, Java %s, load average %s%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), load());
        for (String name : wanted) {
            Benchmark benchmark = ALL.get(name);
            if (benchmark == null) {
                throw usage("there is no bench " + name, "Name one of " + ALL.keySet() + ".");
            }
            Path folder = Files.createTempDirectory("holdfast-bench-");
            try {
                benchmark.run(folder, amount);
            } finally {
                remove(folder);
            }
        }
    }

    private static int amount(String word) {
        if (word.matches("[1-9][0-9]{0,5}")) {
            return Integer.parseInt(word);
        }
        throw usage(word + " is no number of rounds or seconds", "Such as ./dev bench restore 9.");
    }

    private static RuntimeException usage(String what, String hint) {
        System.err.println("error: " + what);
        System.err.println("hint: " + hint);
        System.exit(2);
        return new IllegalStateException("exit returned");
    }

    private static String load() throws IOException {
        Path file = Path.of("/proc/loadavg");
        return Files.exists(file) ? Files.readString(file).split(" ", 2)[0] : "unknown";
    }

    /// Removes a database with all that lies beside it.
    static void removeDatabase(Path database) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(database.resolveSibling(database.getFileName() + suffix));
        }
        remove(StateFolder.beside(database));
    }

    /// Removes a folder and all that is in it, if it is there.
    static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
