package dev.holdfast.tests.writer;

import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// What one transaction of each pattern writes; the same patterns as in `agent_writer.py`.
final class Patterns {
    private static final List<String> SCHEMA =
            List.of(
                    "CREATE TABLE _ledger (n INTEGER PRIMARY KEY, pattern TEXT)",
                    "CREATE TABLE mixed (id INTEGER PRIMARY KEY, k BLOB, v BLOB)",
                    "CREATE INDEX mixed_k ON mixed (k)",
                    "CREATE TABLE chat (id INTEGER PRIMARY KEY, role TEXT, body TEXT)",
                    "CREATE TABLE document (id INTEGER PRIMARY KEY, state TEXT)",
                    "CREATE TABLE audit (id BLOB PRIMARY KEY, kind INTEGER, detail TEXT)"
                            + " WITHOUT ROWID",
                    "CREATE INDEX audit_kind ON audit (kind, detail)",
                    "CREATE TABLE wide (id INTEGER PRIMARY KEY, body BLOB)",
                    "INSERT INTO document VALUES (1, '')");

    private final WriterDatabase database;
    private final SplittableRandom random;

    Patterns(WriterDatabase database, long seed) {
        this.database = database;
        this.random = new SplittableRandom(seed);
    }

    /// Writes one transaction and commits it; some of the pattern `mixed` are rolled back.
    void transaction(String pattern, int size) throws SQLException {
        if (begin(pattern, size)) {
            database.commit();
        } else {
            database.execute("ROLLBACK");
        }
    }

    /// Writes a transaction that stays open, and says whether it is meant to be committed.
    boolean begin(String pattern, int size) throws SQLException {
        database.execute("BEGIN IMMEDIATE");
        boolean isMeant = true;
        switch (pattern) {
            case "touch" -> {} // the ledger alone
            case "schema" -> {
                for (String statement : SCHEMA) {
                    database.execute(statement);
                }
            }
            case "mixed" -> isMeant = mixed();
            case "chat" -> chat();
            case "document" ->
                    database.execute("UPDATE document SET state = state || ?", text(200, 400));
            case "audit" ->
                    database.execute(
                            "INSERT INTO audit VALUES (?, ?, ?)",
                            bytes(16),
                            random.nextInt(10),
                            text(40, 41));
            case "wide" -> wide(size);
            case "narrow" -> database.execute("DELETE FROM wide");
            case "shrink" -> {
                for (int i = 0; i < size; i++) { // a page a step
                    database.execute("PRAGMA incremental_vacuum(1)");
                }
            }
            default -> throw new IllegalArgumentException("unknown pattern " + pattern);
        }
        database.execute("INSERT INTO _ledger VALUES (?, ?)", database.lastCommit() + 1, pattern);
        return isMeant;
    }

    private boolean mixed() throws SQLException {
        int changes = random.nextInt(1, 31);
        for (int i = 0; i < changes; i++) {
            change(random.nextInt(100));
        }
        return random.nextInt(7) != 0;
    }

    private void change(int choice) throws SQLException {
        if (choice < 50) {
            int[] sizes = {10, 100, 2000, 20_000};
            byte[] value = bytes(sizes[random.nextInt(sizes.length)]);
            database.execute("INSERT INTO mixed (k, v) VALUES (?, ?)", bytes(8), value);
        } else if (choice < 75) {
            database.execute(
                    "DELETE FROM mixed WHERE k IN (SELECT k FROM mixed WHERE k >= ? LIMIT ?)",
                    bytes(8),
                    random.nextInt(1, 21));
        } else if (choice < 90) {
            database.execute(
                    "UPDATE mixed SET v = ? WHERE k IN"
                            + " (SELECT k FROM mixed WHERE k >= ? LIMIT 3)",
                    bytes(random.nextBoolean() ? 10 : 5000),
                    bytes(8));
        } else if (choice < 95) {
            savepoint();
        } else {
            String table = "extra" + random.nextInt(5);
            database.execute(
                    random.nextBoolean()
                            ? "CREATE TABLE IF NOT EXISTS " + table + " (x)"
                            : "DROP TABLE IF EXISTS " + table);
        }
    }

    private void savepoint() throws SQLException {
        database.execute("SAVEPOINT inner");
        database.execute("DELETE FROM mixed WHERE k >= ?", (Object) bytes(8));
        database.execute("INSERT INTO mixed (k, v) VALUES (?, ?)", bytes(8), bytes(9000));
        if (random.nextInt(10) < 7) {
            database.execute("ROLLBACK TO inner");
        }
        database.execute("RELEASE inner");
    }

    private void chat() throws SQLException {
        for (String role : List.of("user", "assistant")) {
            database.execute("INSERT INTO chat (role, body) VALUES (?, ?)", role, text(20, 1800));
        }
    }

    private void wide(int size) throws SQLException {
        int pageSize = (int) database.number("PRAGMA page_size");
        for (int i = 0; i < size; i++) {
            database.execute("INSERT INTO wide (body) VALUES (?)", (Object) bytes(pageSize));
        }
    }

    private String text(int least, int bound) {
        return HexFormat.of().formatHex(bytes(random.nextInt(least, bound) / 2));
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
