package dev.holdfast.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// Stock SQLite in another process, so that this one may copy and open the files as it likes.
final class SqliteWriter implements AutoCloseable {
    private static final String SCRIPT = script();

    private final Path folder;
    private final Path database;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader replies;

    private SqliteWriter(Path folder, List<String> command) throws IOException {
        this.folder = folder;
        database = folder.resolve("w.db");
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = process.outputWriter(UTF_8);
        replies = process.inputReader(UTF_8);
        call("open " + database);
    }

    /// The SQLite of this machine's Python, on a new database in WAL mode that is checkpointed only
    /// when asked for.
    static SqliteWriter inWalMode(Path folder, int pageSize) throws IOException {
        return new SqliteWriter(folder, pythonCommand()).intoWalMode(pageSize);
    }

    /// The same with the SQLite that Holdfast comes with.
    static SqliteWriter newestInWalMode(Path folder, int pageSize) throws IOException {
        return new SqliteWriter(folder, JdbcWriter.command()).intoWalMode(pageSize);
    }

    /// The SQLite of this machine's Python, on a database that is there already.
    static SqliteWriter reopening(Path folder) throws IOException {
        return new SqliteWriter(folder, pythonCommand());
    }

    private static List<String> pythonCommand() {
        return List.of(System.getProperty("python", "python3"), "-c", SCRIPT);
    }

    private SqliteWriter intoWalMode(int pageSize) throws IOException {
        sql(
                "PRAGMA page_size="
                        + pageSize
                        + "; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
        return this;
    }

    private static String script() {
        try (InputStream in = SqliteWriter.class.getResourceAsStream("sqlite_writer.py")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    Path database() {
        return database;
    }

    /// Executes statements, apart by `;`. Returns the rows of the last.
    String sql(String statements) throws IOException {
        return call("sql " + statements);
    }

    /// Begins `count` transactions of its own accord; [#reply] waits for their end.
    void beginBurst(int count) throws IOException {
        send("burst " + count);
    }

    boolean hasReplied() throws IOException {
        return replies.ready();
    }

    String reply() throws IOException {
        String reply = replies.readLine();
        if (reply == null || !reply.startsWith("ok ")) {
            throw new IOException("the writer said: " + reply);
        }
        return reply.substring("ok ".length());
    }

    /// Copies database, WAL and wal-index as they are.
    SqliteFiles copy() throws IOException {
        Path copy = Files.createTempDirectory(folder, "copy").resolve("w.db");
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            Path from = Path.of(database + suffix);
            if (Files.exists(from)) {
                Files.copy(from, Path.of(copy + suffix));
            }
        }
        return new SqliteFiles(copy);
    }

    /// The pages of the database as SQLite sees them.
    byte[] pages(SqliteFiles files) throws IOException {
        Path target = Files.createTempDirectory(folder, "state").resolve("w.db");
        call("materialize " + files.database() + "\t" + target);
        return Files.readAllBytes(target);
    }

    void closeDatabase() throws IOException {
        call("close");
    }

    void reopen() throws IOException {
        call("open " + database);
    }

    private String call(String command) throws IOException {
        send(command);
        return reply();
    }

    private void send(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    /// Kills the process: what it left on disk is what is tested.
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
