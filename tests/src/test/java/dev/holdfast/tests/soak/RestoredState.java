package dev.holdfast.tests.soak;

import dev.holdfast.tests.harness.DatabaseImage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A database as stock SQLite finds it.
///
/// @param image of its pages, before SQLite touched it
/// @param tokens its ledger, from number 1 on
record RestoredState(String image, List<String> tokens) {
    /// Opens the file, which must be whole in the eyes of SQLite.
    static RestoredState of(Path database) {
        String image = DatabaseImage.of(database);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
                if (!check.next() || !check.getString(1).equals("ok")) {
                    throw new AssertionError(database + ": " + check.getString(1));
                }
            }
            return new RestoredState(image, tokens(database, statement));
        } catch (SQLException e) {
            throw new AssertionError(database + " can't be read: " + e, e);
        }
    }

    private static List<String> tokens(Path database, Statement statement) throws SQLException {
        List<String> tokens = new ArrayList<>();
        // The state that the very first transaction of an application leaves need not have one
        if (!has(statement, "SELECT 1 FROM sqlite_schema WHERE name = '_ledger'")) {
            return tokens;
        }
        try (ResultSet rows = statement.executeQuery("SELECT n, token FROM _ledger ORDER BY n")) {
            while (rows.next()) {
                if (rows.getLong(1) != tokens.size() + 1) {
                    throw new AssertionError(
                            "%s: number %d stands at place %d of the ledger"
                                    .formatted(database, rows.getLong(1), tokens.size() + 1));
                }
                tokens.add(rows.getString(2));
            }
        }
        return tokens;
    }

    private static boolean has(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }

    /// The last number of the ledger.
    long n() {
        return tokens.size();
    }
}
