package dev.holdfast.tests.soak;

import dev.holdfast.tests.harness.Installation;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Program;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A writer at work, `storm_writer.py`, and its log.
final class Storm implements AutoCloseable {
    private final Program program;

    private Storm(Program program) {
        this.program = program;
    }

    /// Starts it, and waits until it has opened the database.
    ///
    /// @param name of the writer; no two of a campaign may have the same
    static Storm start(Path folder, Path database, long seed, String name, Shape shape) {
        Path script = Installation.ROOT.resolve("tests/src/test/python/storm_writer.py");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Installation.PYTHON,
                                script.toString(),
                                database.toString(),
                                Long.toString(seed),
                                name));
        command.addAll(shape.options());
        Storm storm = new Storm(Program.start("writer " + name, folder, command));
        Json _ = storm.program.await("that it opened", line -> line.has("opened"));
        return storm;
    }

    void signal(String signal) {
        program.signal(signal);
    }

    void kill() {
        program.kill();
    }

    boolean isAlive() {
        return program.isAlive();
    }

    /// Lets it end what it is at, close, and exit.
    void finish() {
        program.send("stop");
        if (program.awaitExit() != 0) {
            throw new AssertionError("a writer was refused: " + lastLines());
        }
    }

    private List<String> lastLines() {
        List<String> out = program.out();
        return out.subList(Math.max(0, out.size() - 5), out.size());
    }

    /// What it has logged until now. The last line may be cut off by a kill.
    List<Json> log() {
        return program.out().stream().filter(line -> line.endsWith("}")).map(Json::parse).toList();
    }

    @Override
    public void close() {
        program.close();
    }
}
