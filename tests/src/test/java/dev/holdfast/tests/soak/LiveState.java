package dev.holdfast.tests.soak;

import org.sqlite.SQLiteConnection;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/// The live database as one more application sees it: which commit it is at, and all its pages.
record LiveState(long n, String image) {
    /// Opens and closes the database, as any application does: while nobody follows it, that can
    /// remove its WAL.
    static LiveState of(Path database) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 60000");
            statement.execute("BEGIN");
            long n;
            try (ResultSet rows = statement.executeQuery("SELECT max(n) FROM _ledger")) {
                n = rows.getLong(1);
            }
            byte[] pages = connection.unwrap(SQLiteConnection.class).serialize("main");
            String image =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pages));
            statement.execute("ROLLBACK");
            return new LiveState(n, image);
        } catch (SQLException e) {
            throw new AssertionError("the live database can't be read: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }
}
