package dev.holdfast.tests.harness;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// An application that owns a database, and its log of what it committed. See `agent_writer.py` for
/// what it can be told.
public final class Writer implements AutoCloseable {
    private final Program program;
    private final List<LoggedState> states = new ArrayList<>();
    private @Nullable LoggedState found;

    private Writer(Program program) {
        this.program = program;
    }

    /// Starts it; it does nothing before it is told to.
    public static Writer start(WriterKind kind, Path database, long seed) {
        Path folder = Objects.requireNonNull(database.toAbsolutePath().getParent());
        return new Writer(Program.start("the writer", folder, kind.command(database, seed)));
    }

    /// Gives a command and waits until it is done; an error of SQLite's fails the test. Returns the
    /// last line of the log before that, or the one that says `done`.
    public Json tell(String command) {
        program.send(command);
        return awaitDone(command);
    }

    /// Gives a command that must fail, and returns SQLite's message.
    public String tellInVain(String command) {
        program.send(command);
        List<Json> before = new ArrayList<>();
        return program.await("the end of " + command, line -> take(line, before)).text("error");
    }

    /// Gives a command and does not wait.
    public void begin(String command) {
        program.send(command);
    }

    /// Waits for the end of a command that was begun.
    public Json awaitDone(String command) {
        List<Json> before = new ArrayList<>();
        Json answer = program.await("the end of " + command, line -> take(line, before));
        if (answer.has("error")) {
            throw new AssertionError("the writer failed: " + answer);
        }
        return before.isEmpty() ? answer : before.getLast();
    }

    /// Waits for the commit of this number.
    public void awaitCommit(long n) {
        List<Json> before = new ArrayList<>();
        program.await(
                "commit " + n,
                line -> {
                    take(line, before);
                    return line.has("commit") && line.number("commit") >= n;
                });
    }

    /// Puts down a state, and says whether the line ends a command.
    private boolean take(Json line, List<Json> before) {
        if (line.has("commit")) {
            states.add(state(line, "commit"));
        }
        if (line.has("opened")) {
            found = state(line, "opened");
        }
        if (line.has("done") || line.has("error")) {
            return true;
        }
        before.add(line);
        return false;
    }

    private static LoggedState state(Json line, String number) {
        return new LoggedState(
                line.number(number),
                line.number("pages"),
                line.isNull("image") ? null : line.text("image"));
    }

    /// The state in which it found the database when it opened it last, or made it.
    public LoggedState found() {
        return Objects.requireNonNull(found);
    }

    /// Every state that it has logged, in order, and that the test has waited for.
    public List<LoggedState> states() {
        return List.copyOf(states);
    }

    /// The newest of them, or what it found.
    public LoggedState last() {
        return states.isEmpty() ? found() : states.getLast();
    }

    /// SIGKILL, in the middle of whatever it does. What it had logged by then is in [#states].
    public void kill() {
        program.kill();
        List<Json> before = new ArrayList<>();
        List<String> lines = program.out();
        states.clear();
        for (String line : lines) {
            // The last line may be cut off by the kill
            if (line.endsWith("}")) {
                take(Json.parse(line), before);
            }
        }
    }

    public Program program() {
        return program;
    }

    /// Ends its input, so that it closes its connection and exits.
    public void exit() {
        program.endInput();
        if (program.awaitExit() != 0) {
            throw new AssertionError("the writer failed: " + program.err());
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
