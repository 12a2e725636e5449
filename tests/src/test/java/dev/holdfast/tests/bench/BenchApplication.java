package dev.holdfast.tests.bench;

import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Program;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// A [BenchWriter] at work. Times are in milliseconds.
final class BenchApplication implements AutoCloseable {
    private final Program program;
    private final Path times;

    private BenchApplication(Program program, Path times) {
        this.program = program;
        this.times = times;
    }

    /// Starts it; when this returns the database is there and the writer rests.
    static BenchApplication start(Path database, Workload.Kind kind) {
        Path folder = Objects.requireNonNull(database.getParent());
        Program program =
                Program.start(
                        "the writer",
                        folder,
                        List.of(
                                ProcessHandle.current().info().command().orElse("java"),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BenchWriter.class.getName(),
                                database.toString(),
                                kind.name()));
        Json _ = program.await("that it is ready", _ -> true);
        return new BenchApplication(program, folder.resolve("times"));
    }

    /// Commits so many transactions, one each `pause`.
    Figures run(int count, Duration pause) {
        program.send("run %d %d %s".formatted(count, pause.toNanos() / 1000, times));
        return figures();
    }

    /// From now on it leaves checkpoints to others.
    void neverCheckpoint() {
        program.send("never-checkpoint");
        Json _ = program.await("that it does not checkpoint", _ -> true);
    }

    /// Begins to commit without any pause; the end is waited for by [#figures].
    void saturate(Duration time) {
        program.send("saturate " + time.toSeconds());
    }

    /// When each commit of the last [#run] had returned, in microseconds since 1970.
    long[] times() throws IOException {
        return Files.readAllLines(times, StandardCharsets.UTF_8).stream()
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /// Waits for what is under way to end.
    Figures figures() {
        Json json = program.await("its figures", _ -> true);
        return new Figures(
                json.number("commits"),
                json.decimal("seconds"),
                json.decimal("p50"),
                json.decimal("p99"),
                json.decimal("p999"),
                json.decimal("longest"));
    }

    /// How long its commits took.
    record Figures(
            long commits, double seconds, double p50, double p99, double p999, double longest) {}

    /// It closes its connection first.
    @Override
    public void close() {
        program.endInput();
        int exit = program.awaitExit();
        program.close();
        if (exit != 0) {
            throw new IllegalStateException("the writer ended with " + exit + program.err());
        }
    }
}
