package dev.holdfast.replicator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A real SQLite application in another process, which logs what it commits. See `application.py`.
final class Application implements AutoCloseable {
    private static final String SCRIPT = script();

    private final Path folder;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader replies;

    private Application(Path database, long seed) throws IOException {
        folder = Objects.requireNonNull(database.getParent());
        process =
                new ProcessBuilder(
                                System.getProperty("python", "python3"),
                                "-c",
                                SCRIPT,
                                database.toString(),
                                Long.toString(seed))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        commands = process.outputWriter(UTF_8);
        replies = process.inputReader(UTF_8);
    }

    /// Starts it; it does nothing before it is told to.
    static Application start(Path database, long seed) {
        try {
            return new Application(database, seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts it with a new database that has seen some transactions.
    static Application withCommits(Path database, long seed) {
        Application application = start(database, seed);
        application.tell("create 4096 1000");
        application.tell("run 5");
        return application;
    }

    private static String script() {
        try (InputStream in = Application.class.getResourceAsStream("application.py")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Gives a command and waits for its end.
    String tell(String command) {
        begin(command);
        return awaitDone();
    }

    /// Gives a command and waits for its end. False if a lock was in the way.
    boolean tellUnlessLocked(String command) {
        begin(command);
        return !reply().equals("error OperationalError database is locked");
    }

    /// Gives a command and does not wait.
    void begin(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits for the end of the command that was begun.
    String awaitDone() {
        String reply = reply();
        if (!reply.startsWith("ok ")) {
            throw new AssertionError("the application said: " + reply);
        }
        return reply.substring("ok ".length());
    }

    private String reply() {
        try {
            return String.valueOf(replies.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether the command that was begun is done.
    boolean hasReplied() {
        try {
            return replies.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `user_version` after each transaction that it committed, in order.
    List<Integer> committed() {
        List<Integer> versions = new ArrayList<>();
        for (String version : tell("committed").split(",", -1)) {
            if (!version.isEmpty()) {
                versions.add(Integer.valueOf(version));
            }
        }
        return versions;
    }

    /// The pages of the database as SQLite sees them.
    ByteBuffer pages() {
        try {
            Path target = Files.createTempDirectory(folder, "pages").resolve("copy.db");
            tell("copy " + target);
            return ByteBuffer.wrap(Files.readAllBytes(target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SIGKILL.
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
