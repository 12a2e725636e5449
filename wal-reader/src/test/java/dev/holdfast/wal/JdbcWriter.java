package dev.holdfast.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// The main of another JVM, which does by sqlite-jdbc what `sqlite_writer.py` does: `VERB ARGUMENT`
/// in, `ok` or `error MESSAGE` out.
final class JdbcWriter {
    private JdbcWriter() {}

    static List<String> command() {
        return ChildJvm.command(JdbcWriter.class, "--enable-native-access=ALL-UNNAMED");
    }

    public static void main(String[] args) throws IOException, SQLException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        String open = commands.readLine().substring("open ".length());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + open)) {
            System.out.println("ok ");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(reply(connection, line));
            }
        }
    }

    private static String reply(Connection connection, String line) {
        String argument = line.substring(line.indexOf(' ') + 1);
        try {
            if (line.startsWith("materialize ")) {
                int tab = argument.indexOf('\t');
                materialize(argument.substring(0, tab), argument.substring(tab + 1));
            } else {
                execute(connection, argument);
            }
            return "ok ";
        } catch (IOException | SQLException e) {
            return "error " + e.getMessage();
        }
    }

    private static void materialize(String source, String target) throws IOException, SQLException {
        Files.copy(Path.of(source), Path.of(target));
        Files.copy(Path.of(source + "-wal"), Path.of(target + "-wal"));
        try (Connection copy = DriverManager.getConnection("jdbc:sqlite:" + target)) {
            execute(copy, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    private static void execute(Connection connection, String statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements.split(";", -1)) {
                statement.execute(sql);
            }
        }
    }
}
