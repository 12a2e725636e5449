package dev.holdfast.tests.harness;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// `holdfast replicate` at work.
public final class Replication implements AutoCloseable {
    private final Program program;

    private Replication(Program program) {
        this.program = program;
    }

    /// Starts it; the state lies beside the database.
    public static Replication start(Path database, Path archive, String... options) {
        Path folder = Objects.requireNonNull(database.toAbsolutePath().getParent());
        String[] arguments =
                Stream.concat(
                                Stream.of(
                                        "replicate",
                                        database.toString(),
                                        "--to",
                                        archive.toString()),
                                Stream.of(options))
                        .toArray(String[]::new);
        return new Replication(Holdfast.start(folder, arguments));
    }

    /// Starts it with an archive that is no folder.
    ///
    /// @param variables of its environment: the credentials for it
    public static Replication startTo(
            String archive, Map<String, String> variables, Path database) {
        Path folder = Objects.requireNonNull(database.toAbsolutePath().getParent());
        return new Replication(
                Holdfast.start(
                        folder, variables, "replicate", database.toString(), "--to", archive));
    }

    /// Starts it with nothing but these arguments.
    ///
    /// @param variables of its environment
    public static Replication startIn(
            Path folder, Map<String, String> variables, String... arguments) {
        return new Replication(
                Holdfast.start(
                        folder,
                        variables,
                        Stream.concat(Stream.of("replicate"), Stream.of(arguments))
                                .toArray(String[]::new)));
    }

    /// Starts it and waits until every commit from then on is captured.
    public static Replication attach(Path database, Path archive, String... options) {
        Replication replication = start(database, archive, options);
        replication.awaitFollowing();
        return replication;
    }

    /// Makes a database and its archive: a writer does some work while it is followed.
    ///
    /// @return the database after each commit
    public static List<LoggedState> follow(String work, Path database, Path archive) {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication = attach(database, archive)) {
                writer.tell(work);
                replication.stop();
            }
            return writer.states();
        }
    }

    /// Starts it with its standard output read by another program.
    ///
    /// @param reader a command of the shell
    public static Replication startInto(String reader, Path database, Path archive) {
        return startBy("%s > >(" + reader + ")", database, archive);
    }

    /// Starts it by a command of the shell that becomes the command, and so gets its signals.
    ///
    /// @param command `%s` is the command itself
    public static Replication startBy(String command, Path database, Path archive) {
        Path folder = Objects.requireNonNull(database.toAbsolutePath().getParent());
        String itself = "exec \"$0\" replicate \"$1\" --to \"$2\"";
        return new Replication(
                Program.start(
                        "holdfast replicate",
                        folder,
                        List.of(
                                "bash",
                                "-c",
                                command.formatted(itself),
                                Installation.LAUNCHER.toString(),
                                database.toString(),
                                archive.toString())));
    }

    /// Waits for a line of standard error that contains this.
    public void awaitErr(String text) {
        program.awaitErr(text);
    }

    public void signal(String signal) {
        program.signal(signal);
    }

    public void signalUntilItEnds(String signal) {
        program.signalUntilItEnds(signal);
    }

    public Json awaitEvent(String event) {
        return program.await("the event " + event, line -> line.text("event").equals(event));
    }

    public Json awaitFollowing() {
        return awaitEvent("following");
    }

    /// Waits until the store has acknowledged this transaction.
    public void awaitDurable(long tx) {
        program.await(
                "that transaction " + tx + " is durable",
                line -> line.text("event").equals("durable") && line.number("tx") >= tx);
    }

    /// SIGTERM; waits for the end, which must say that all is durable.
    public void stop() {
        program.signal("TERM");
        int exit = program.awaitExit();
        if (exit != 0) {
            throw new AssertionError("it ended with " + exit + ": " + program.err());
        }
    }

    /// Waits for it to end by itself, and says how.
    public Holdfast.Finished awaitEnd() {
        return new Holdfast.Finished(program.awaitExit(), program.out(), program.err());
    }

    /// SIGKILL, in the middle of whatever it does.
    public void kill() {
        program.kill();
    }

    public boolean isAlive() {
        return program.isAlive();
    }

    public long pid() {
        return program.pid();
    }

    /// All its events so far.
    public List<Json> events() {
        return program.out().stream().map(Json::parse).toList();
    }

    /// What it has asked of the one store that it ships to, by kind; after its end.
    public Json requests() {
        return events().getLast().objects("destinations").getFirst().object("requests");
    }

    @Override
    public void close() {
        program.close();
    }
}
