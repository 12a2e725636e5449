package dev.holdfast.replicator;

import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// One connection of ours to the live database. It reads one header value, checkpoints passively,
/// once in a while holds the write lock without writing, and empties a WAL that SQLite could not
/// recover; it never does anything else, and never waits for a lock.
final class SqliteConnection implements AutoCloseable {
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int FULL = 13;

    private final Connection connection;
    private final PreparedStatement begin;
    private final PreparedStatement beginImmediate;
    private final PreparedStatement look;
    private final PreparedStatement rollback;
    private boolean isReading;

    private SqliteConnection(Connection connection) throws SQLException {
        this.connection = connection;
        this.begin = connection.prepareStatement("BEGIN");
        this.beginImmediate = connection.prepareStatement("BEGIN IMMEDIATE");
        // Begins the read transaction without parsing the schema, which may need functions that we
        // lack
        this.look = connection.prepareStatement("PRAGMA schema_version");
        this.rollback = connection.prepareStatement("ROLLBACK");
    }

    /// Opens without creating a file. Empty if a lock is in the way: try again later.
    static Optional<SqliteConnection> open(Path database) throws LiveDatabaseException {
        return open(database, new SQLiteConfig());
    }

    /// As [#open], and unable to write: if it closes last, SQLite leaves the WAL as it is.
    static Optional<SqliteConnection> openReadOnly(Path database) throws LiveDatabaseException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return open(database, config);
    }

    private static Optional<SqliteConnection> open(Path database, SQLiteConfig config)
            throws LiveDatabaseException {
        config.setBusyTimeout(0);
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + database.toUri());
            try {
                return Optional.of(new SqliteConnection(connection));
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            boolean _ = refused("open " + database, e);
            return Optional.empty();
        }
    }

    /// Begins a read transaction. False if a lock is in the way: try again later.
    boolean take() throws LiveDatabaseException {
        if (isReading) {
            throw new IllegalStateException("the read transaction has begun already");
        }
        try {
            begin.execute();
            try (ResultSet result = look.executeQuery()) {
                result.next();
            }
            isReading = true;
            return true;
        } catch (SQLException e) {
            rollbackQuietly();
            return refused("begin a read transaction", e);
        }
    }

    void letGo() throws LiveDatabaseException {
        isReading = false;
        try {
            rollback.execute();
        } catch (SQLException e) {
            throw lost("end a read transaction", e);
        }
    }

    boolean isReading() {
        return isReading;
    }

    /// Copies back what the locks allow, without waiting. False if another checkpointer is at it.
    boolean checkpointPassively() throws LiveDatabaseException {
        return checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
    }

    /// Copies back, and makes the WAL empty, without waiting. False if a lock is in the way.
    boolean emptyWal() throws LiveDatabaseException {
        return checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private boolean checkpoint(String pragma) throws LiveDatabaseException {
        // Anew each time: one that failed can't be executed again
        try (Statement checkpoint = connection.createStatement();
                ResultSet result = checkpoint.executeQuery(pragma)) {
            return result.next() && result.getInt(1) == 0;
        } catch (SQLException e) {
            if ((e.getErrorCode() & 0xff) == FULL) {
                throw LiveDatabaseException.noRoom(
                        "can't copy the WAL back to the database, so that it grows: "
                                + e.getMessage(),
                        e);
            }
            return refused("checkpoint", e);
        }
    }

    /// Takes the write lock, with a read transaction. False if a writer has it.
    boolean takeWriteLock() throws LiveDatabaseException {
        try {
            beginImmediate.execute();
            return true;
        } catch (SQLException e) {
            return refused("take the write lock", e);
        }
    }

    private void rollbackQuietly() {
        try {
            rollback.execute();
        } catch (SQLException _) {
            // BEGIN itself had failed: there is nothing to roll back
        }
    }

    private static boolean refused(String doing, SQLException e) throws LiveDatabaseException {
        int primary = e.getErrorCode() & 0xff;
        if (primary == BUSY || primary == LOCKED) {
            return false;
        }
        throw lost(doing, e);
    }

    private static LiveDatabaseException lost(String doing, SQLException e) {
        return new LiveDatabaseException("can't " + doing + ": " + e.getMessage(), e);
    }

    @Override
    public void close() throws LiveDatabaseException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw lost("close a connection", e);
        }
    }
}
