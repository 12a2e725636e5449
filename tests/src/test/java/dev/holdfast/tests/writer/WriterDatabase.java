package dev.holdfast.tests.writer;

import dev.holdfast.cli.output.JsonObject;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The database of [JdbcWriter]: its connection, and the log of what was committed on it.
final class WriterDatabase {
    private static final Set<String> SHAPES = Set.of("page_size", "auto_vacuum", "encoding");

    private final Path path;
    private Map<String, String> pragmas = Map.of();
    private boolean truncatesAtStart;
    private int imageEvery = 1;
    private int commitsSinceStart;
    private long lastCommit;
    private @Nullable Connection connection;

    WriterDatabase(Path path) {
        this.path = path;
    }

    /// Takes the settings and connects; returns what a checkpoint at the start said of being busy.
    int open(List<String> settings) throws SQLException {
        Map<String, String> given = new LinkedHashMap<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            given.put(parts[0], parts[1]);
        }
        truncatesAtStart = "1".equals(given.remove("truncate"));
        String images = given.remove("images");
        imageEvery = images == null ? 1 : Integer.parseInt(images);
        // What shapes a new file comes before what creates it.
        String journalMode = given.remove("journal_mode");
        given.put("journal_mode", journalMode == null ? "WAL" : journalMode);
        pragmas = given;
        return connect();
    }

    int connect() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        // On an old file auto_vacuum would be a commit of its own: it writes a field of the header,
        // even the value that is there.
        boolean isNew = number("PRAGMA page_count") == 0;
        for (Map.Entry<String, String> pragma : pragmas.entrySet()) {
            if (isNew || !SHAPES.contains(pragma.getKey())) {
                execute("PRAGMA " + pragma.getKey() + " = " + pragma.getValue());
            }
        }
        return truncatesAtStart ? (int) number("PRAGMA wal_checkpoint(TRUNCATE)") : 0;
    }

    void close() throws SQLException {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /// Number of the last commit; the ledger of the database holds it too.
    long lastCommit() {
        return lastCommit;
    }

    void findLastCommit() throws SQLException {
        lastCommit = number("SELECT max(n) FROM _ledger");
    }

    void commit() throws SQLException {
        JdbcWriter.log(new JsonObject().put("begin", lastCommit + 1));
        execute("COMMIT");
        lastCommit++;
        logCommit();
    }

    /// A statement that commits by itself, and has no number in the ledger.
    void change(String statement) throws SQLException {
        JdbcWriter.log(new JsonObject().put("begin", lastCommit));
        execute(statement);
        logCommit();
    }

    void logCommit() throws SQLException {
        commitsSinceStart++;
        boolean isDue = imageEvery > 0 && commitsSinceStart % imageEvery == 0;
        JdbcWriter.log(
                new JsonObject()
                        .put("commit", lastCommit)
                        .put("pages", pages())
                        .put("image", isDue ? image() : null));
    }

    void checkpoint(String mode) throws SQLException {
        long start = System.nanoTime();
        try (Statement statement = open().createStatement();
                ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            result.next();
            JdbcWriter.log(
                    new JsonObject()
                            .put("checkpoint", mode)
                            .put("busy", result.getLong(1))
                            .put("frames", result.getLong(2))
                            .put("copied", result.getLong(3))
                            .put("milliseconds", (System.nanoTime() - start) / 1e6));
        }
    }

    /// SHA-256 of the database as this connection sees it, page by page, WAL included.
    String image() throws SQLException {
        try {
            byte[] pages = open().unwrap(SQLiteConnection.class).serialize("main");
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pages));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }

    long pages() throws SQLException {
        return number("PRAGMA page_count");
    }

    long number(String sql) throws SQLException {
        try (Statement statement = open().createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    /// The first value of a statement's answer; null if there is none.
    @Nullable String value(String sql) throws SQLException {
        try (Statement statement = open().createStatement()) {
            if (!statement.execute(sql)) {
                return null;
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? result.getString(1) : null;
            }
        }
    }

    void execute(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = open().prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.execute();
        }
    }

    private Connection open() {
        if (connection == null) {
            throw new IllegalStateException("the database is not open");
        }
        return connection;
    }
}
