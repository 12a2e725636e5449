package dev.holdfast.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/// A restored database of the demo, and what the agent believed in it.
///
/// @param digest of the whole file: a small database has no lock page
/// @param fact what it believed of refunds
/// @param hangingEntries of the transaction that was never committed
record RestoredDatabase(
        Path file, long tx, String digest, String fact, long auditEntries, long hangingEntries) {

    static RestoredDatabase read(Path file, long tx) {
        // Immutable: the file says that it is in WAL mode, and SQLite would make a -wal beside it
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + file.toUri() + "?immutable=1");
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery(
                                "SELECT fact, (SELECT count(*) FROM audit),"
                                        + " (SELECT count(*) FROM audit WHERE action LIKE '"
                                        + DemoAgent.HANGING
                                        + "%') FROM memory WHERE topic = 'refunds'")) {
            result.next();
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            String digest = HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(file)));
            return new RestoredDatabase(
                    file, tx, digest, result.getString(1), result.getLong(2), result.getLong(3));
        } catch (SQLException e) {
            throw new IllegalStateException("can't read " + file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }

    /// Digest of the pages that SQLite finds in a database after its writer was killed.
    static String digestBySqlite(Path database) {
        try (Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + database.toUri())) {
            return DemoAgent.digest(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("can't read " + database + ": " + e.getMessage(), e);
        }
    }
}
