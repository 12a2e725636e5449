package dev.holdfast.tests.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A program that runs beside the test, in an environment that holds nothing of the build
/// machine's.
///
/// Its lines are read as they come, so that it never waits for the test. Every wait has a deadline,
/// after which the test fails with all that the program printed.
public final class Program implements AutoCloseable {
    /// Far longer than anything takes; a wait that gets here has failed.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Set<String> KEPT_VARIABLES =
            Set.of("PATH", "HOME", "JAVA_HOME", "HOLDFAST_JAVA_HOME", "TMPDIR");

    /// What a shell starts in the background ignores SIGINT, and hands that on to all below it:
    /// this build may be such.
    private static final List<String> WITH_DEFAULT_SIGNALS = withDefaultSignals();

    private final String name;
    private final Process process;
    private final LinkedBlockingQueue<Optional<String>> unread = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> unreadErr = new LinkedBlockingQueue<>();
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> err = new CopyOnWriteArrayList<>();
    private final Thread outReader;
    private final Thread errReader;

    private Program(String name, Process process) {
        this.name = name;
        this.process = process;
        this.outReader =
                Thread.ofVirtual()
                        .start(() -> {
                            readLines(process.inputReader(), this::printed);
                            unread.add(Optional.empty());
                        });
        this.errReader =
                Thread.ofVirtual().start(() -> readLines(process.errorReader(), this::complained));
    }

    /// Starts a program in `folder`.
    public static Program start(String name, Path folder, List<String> command) {
        return start(name, folder, Map.of(), command);
    }

    /// Starts a program with some variables more than the few that every program gets.
    public static Program start(
            String name, Path folder, Map<String, String> variables, List<String> command) {
        List<String> words =
                Stream.concat(WITH_DEFAULT_SIGNALS.stream(), command.stream()).toList();
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().keySet().retainAll(KEPT_VARIABLES);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(variables);
        try {
            return new Program(name, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("can't start " + command, e);
        }
    }

    /// What to put before a command; nothing where `env` can't do it (it needs coreutils 8.31).
    private static List<String> withDefaultSignals() {
        List<String> words = List.of("env", "--default-signal=INT,HUP,QUIT");
        List<String> trial = Stream.concat(words.stream(), Stream.of("true")).toList();
        try {
            Process process =
                    new ProcessBuilder(trial)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0 ? words : List.of();
        } catch (IOException _) {
            return List.of();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while env was tried", e);
        }
    }

    private void printed(String line) {
        out.add(line);
        unread.add(Optional.of(line));
    }

    private void complained(String line) {
        err.add(line);
        unreadErr.add(line);
    }

    private static void readLines(BufferedReader reader, java.util.function.Consumer<String> to) {
        try (reader) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                to.accept(line);
            }
        } catch (IOException _) {
            // It was killed: what was read so far is all there is
        }
    }

    public long pid() {
        return process.pid();
    }

    /// Writes one line to the program's standard input.
    public void send(String line) {
        try {
            process.outputWriter().write(line + "\n");
            process.outputWriter().flush();
        } catch (IOException e) {
            throw failure("does not take \"" + line + "\": " + e);
        }
    }

    /// Takes the program's lines, JSON all of them, up to the first that is wanted, and returns
    /// that.
    public Json await(String what, Predicate<Json> isWanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Json line = Json.parse(nextLine(what, deadline));
            if (isWanted.test(line)) {
                return line;
            }
        }
    }

    /// Takes the program's lines up to the first that contains this.
    public void awaitLine(String text) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String line = "";
        while (!line.contains(text)) {
            line = nextLine("\"" + text + '"', deadline);
        }
    }

    private String nextLine(String what, long deadline) {
        try {
            Optional<String> line = unread.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw failure("did not print " + what + " within " + PATIENCE);
            }
            return line.orElseThrow(() -> failure("ended without printing " + what));
        } catch (InterruptedException e) {
            throw failure("was waited for by a test that was interrupted: " + e);
        }
    }

    /// Takes the lines of standard error up to the first that contains this.
    public void awaitErr(String text) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            String line = "";
            while (!line.contains(text)) {
                line = unreadErr.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw failure("did not say \"" + text + "\" within " + PATIENCE);
                }
            }
        } catch (InterruptedException e) {
            throw failure("was waited for by a test that was interrupted: " + e);
        }
    }

    /// Sends a signal by its name, such as `TERM`.
    public void signal(String signal) {
        if (!signalIfAlive(signal)) {
            throw failure("does not take " + signal);
        }
    }

    /// Sends a signal to a process that may just have ended, and says whether there was one.
    public boolean signalIfAlive(String signal) {
        return start("kill", Path.of("/"), List.of("kill", "-" + signal, String.valueOf(pid())))
                        .awaitExit()
                == 0;
    }

    /// Sends a signal again and again, as one who has lost patience.
    public void signalUntilItEnds(String signal) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive()) {
            if (System.nanoTime() - deadline > 0) {
                throw failure("did not end by " + signal + " within " + PATIENCE);
            }
            boolean _ = signalIfAlive(signal);
        }
    }

    /// SIGKILL; returns when the process is gone and all that it had printed was read.
    public void kill() {
        // Process.destroyForcibly() would close the pipe, with lines in it that nobody has read
        boolean _ = process.toHandle().destroyForcibly();
        awaitExit();
    }

    /// Waits for the end of the process and of its output, and returns the exit code.
    public int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                throw failure("did not end within " + PATIENCE);
            }
            outReader.join();
            errReader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw failure("was waited for by a test that was interrupted: " + e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Ends the program's standard input.
    public void endInput() {
        try {
            process.outputWriter().close();
        } catch (IOException _) {
            // It is gone already
        }
    }

    /// All lines of standard output so far.
    public List<String> out() {
        return List.copyOf(out);
    }

    /// All lines of standard error so far.
    public List<String> err() {
        return List.copyOf(err);
    }

    private AssertionError failure(String what) {
        return new AssertionError(
                name
                        + " "
                        + what
                        + "\n  standard error:\n    "
                        + String.join("\n    ", err)
                        + "\n  the last lines of standard output:\n    "
                        + String.join(
                                "\n    ", out.subList(Math.max(0, out.size() - 30), out.size())));
    }

    /// Ends the process if it still runs.
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
