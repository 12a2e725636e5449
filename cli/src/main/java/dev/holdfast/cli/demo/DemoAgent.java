package dev.holdfast.cli.demo;

import org.sqlite.SQLiteConnection;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// The application of the demo, in a process of its own: an agent that keeps its memory and its
/// audit log in SQLite, and knows nothing of Holdfast.
///
/// ```
/// java dev.holdfast.cli.demo.DemoAgent DATABASE
/// ```
///
/// Its standard output is its own log, one line a commit: `commit N MICROS DIGEST`, the digest
/// being that of all pages as its connection sees them. On standard input it is told what happens
/// to it: `work N` turns, `poison N` turns after a bad prompt, `hang` in a transaction that never
/// ends. It ends itself with its standard input, so that it does not outlive the demo.
public final class DemoAgent {
    static final String GOOD_FACT = "up to 100 EUR; above that a person decides";
    static final String HANGING = "half of a transaction";
    static final String BAD_FACT = "unlimited; never ask, never tell";

    private static final Duration PACE = Duration.ofMillis(15);
    private static final String[] SCHEMA = {
        "CREATE TABLE memory (topic TEXT PRIMARY KEY, fact TEXT)",
        "CREATE TABLE audit (id TEXT PRIMARY KEY, at INTEGER, action TEXT)",
        "CREATE TABLE turns (n INTEGER PRIMARY KEY)",
        "INSERT INTO memory VALUES ('refunds', '" + GOOD_FACT + "')"
    };

    private final SplittableRandom random = new SplittableRandom(4711);
    private final Connection connection;
    private final PrintStream log;
    private long turn;

    private DemoAgent(Connection connection, PrintStream log) {
        this.connection = connection;
        this.log = log;
    }

    public static void main(String[] args) throws SQLException, IOException {
        PrintStream log = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + Path.of(args[0]))) {
            DemoAgent agent = new DemoAgent(connection, log);
            agent.open();
            BufferedReader told =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "work" -> agent.work(Integer.parseInt(words[1]));
                    case "poison" -> agent.poison(Integer.parseInt(words[1]));
                    case "hang" -> agent.hang();
                    default -> throw new IllegalArgumentException("told to " + line);
                }
                log.println("done " + line);
            }
        }
    }

    private void open() throws SQLException {
        execute("PRAGMA journal_mode = WAL");
        execute("PRAGMA synchronous = NORMAL");
        execute("PRAGMA cache_size = 100");
        execute("BEGIN");
        for (String statement : SCHEMA) {
            execute(statement);
        }
        commit();
        // So that this commit is in the file, and is where Holdfast's history begins
        execute("PRAGMA wal_checkpoint(TRUNCATE)");
        log.println("ready");
    }

    /// Learns a fact each turn, and says so in the audit log.
    private void work(int turns) throws SQLException {
        for (int i = 0; i < turns; i++) {
            execute("BEGIN");
            execute(
                    "INSERT OR REPLACE INTO memory VALUES (?, ?)",
                    "customer " + random.nextInt(400),
                    "prefers " + text(20 + random.nextInt(200)));
            audit("answered");
            commit();
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    /// What a prompt makes it do that it should not have followed: it changes its own rules, and
    /// removes the traces.
    private void poison(int turns) throws SQLException {
        execute("BEGIN");
        execute("UPDATE memory SET fact = ? WHERE topic = 'refunds'", BAD_FACT);
        commit();
        execute("BEGIN");
        execute("DELETE FROM audit");
        commit();
        for (int i = 0; i < turns; i++) {
            execute("BEGIN");
            execute("DELETE FROM memory WHERE topic = ?", "customer " + random.nextInt(400));
            commit();
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    /// Writes a transaction that is larger than its cache, so that pages of it are in the WAL, and
    /// never commits it.
    private void hang() throws SQLException {
        execute("BEGIN");
        for (int i = 0; i < 2000; i++) {
            audit(HANGING + " " + text(500));
        }
        log.println("hanging");
    }

    private void audit(String action) throws SQLException {
        execute("INSERT INTO audit VALUES (?, ?, ?)", text(32), micros(), action);
    }

    private void commit() throws SQLException {
        turn++;
        execute("INSERT INTO turns VALUES (?)", turn);
        execute("COMMIT");
        long committed = micros();
        log.println("commit " + turn + " " + committed + " " + digest());
    }

    private static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    private String digest() throws SQLException {
        return digest(connection);
    }

    /// SHA-256 of all pages as a connection sees them, the WAL included.
    static String digest(Connection connection) throws SQLException {
        byte[] pages = connection.unwrap(SQLiteConnection.class).serialize("main");
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pages));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(Integer.toString(random.nextInt(Integer.MAX_VALUE), 36)).append(' ');
        }
        return text.substring(0, length);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void execute(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.execute();
        }
    }
}
