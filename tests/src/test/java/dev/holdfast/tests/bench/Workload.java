package dev.holdfast.tests.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;

/// What an application writes: one transaction after another of the same kind.
final class Workload {
    private static final int TURN_CHARACTERS = 2_800;
    private static final int TURNS = 200;
    private static final int AUDITED_BEFORE = 20_000;
    private static final int PAGE_ROWS = 25_000;

    /// The kinds, by the names that the bench gives to its writer.
    enum Kind {
        /// 400 random bytes.
        MESSAGE("INSERT INTO message (body) VALUES (?)"),

        /// All turns of a conversation in one row, which is written anew with each.
        GROWING_JSON("UPDATE conversation SET turns = ? WHERE id = 1"),

        /// All turns so far in a new row with each, as a checkpoint of an agent's state.
        FULL_STATE("INSERT INTO checkpoint (state) VALUES (?)"),

        /// A message of some sentences.
        CHAT("INSERT INTO message (body) VALUES (?)"),

        /// A row with a random key of 16 bytes, in a table that has 20,000.
        AUDIT("INSERT INTO audit (id, detail) VALUES (?, ?)"),

        /// Ten rows somewhere in a table of 100 MB, each in a page of its own.
        PAGES("UPDATE page SET body = ? WHERE id = ?");

        private final String statement;

        Kind(String statement) {
            this.statement = statement;
        }
    }

    private final Kind kind;
    private final Connection connection;
    private final PreparedStatement statement;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Words words = new Words(random);
    private StringBuilder turns = new StringBuilder();

    /// Makes what the first transaction needs.
    Workload(Kind kind, Connection connection) throws SQLException {
        this.kind = kind;
        this.connection = connection;
        try (Statement schema = connection.createStatement()) {
            schema.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)");
            schema.execute("CREATE TABLE conversation (id INTEGER PRIMARY KEY, turns TEXT)");
            schema.execute("CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, state TEXT)");
            schema.execute("CREATE TABLE audit (id BLOB PRIMARY KEY, detail TEXT)");
            schema.execute("CREATE TABLE page (id INTEGER PRIMARY KEY, body BLOB)");
            schema.execute("INSERT INTO conversation VALUES (1, '')");
            if (kind == Kind.PAGES) {
                schema.execute(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                                + PAGE_ROWS
                                + ") INSERT INTO page SELECT i, randomblob(3900) FROM n");
            }
        }
        statement = connection.prepareStatement(kind.statement);
        if (kind == Kind.AUDIT) {
            connection.setAutoCommit(false);
            for (int i = 0; i < AUDITED_BEFORE; i++) {
                audit();
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    /// From now on its connection leaves checkpoints to others.
    void neverCheckpoint() throws SQLException {
        try (Statement setting = connection.createStatement()) {
            setting.execute("PRAGMA wal_autocheckpoint=0");
        }
    }

    /// One transaction, committed when this returns.
    void commit() throws SQLException {
        switch (kind) {
            case MESSAGE -> {
                statement.setBytes(1, bytes(400));
                statement.executeUpdate();
            }
            case GROWING_JSON, FULL_STATE -> {
                statement.setString(1, nextTurn());
                statement.executeUpdate();
            }
            case CHAT -> {
                statement.setString(1, words.text(random.nextInt(100, 500)));
                statement.executeUpdate();
            }
            case AUDIT -> audit();
            case PAGES -> {
                connection.setAutoCommit(false);
                for (int i = 0; i < 10; i++) {
                    statement.setBytes(1, bytes(3_900));
                    statement.setInt(2, random.nextInt(1, PAGE_ROWS + 1));
                    statement.executeUpdate();
                }
                connection.commit();
                connection.setAutoCommit(true);
            }
        }
    }

    private void audit() throws SQLException {
        statement.setBytes(1, bytes(16));
        statement.setString(2, words.text(200));
        statement.executeUpdate();
    }

    private String nextTurn() {
        if (turns.length() > 2 * TURNS * TURN_CHARACTERS) {
            turns = new StringBuilder();
        }
        turns.append("{\"role\":\"user\",\"content\":\"")
                .append(words.text(TURN_CHARACTERS))
                .append("\"},{\"role\":\"assistant\",\"content\":\"")
                .append(words.text(TURN_CHARACTERS))
                .append("\"},");
        return "[" + turns + "]";
    }

    /// Random, but for a fifth.
    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        if (length > 1000) {
            for (int i = 0; i < length; i += 5) {
                bytes[i] = 'a';
            }
        }
        return bytes;
    }
}
