package dev.holdfast.tests.writer;

import dev.holdfast.cli.output.JsonObject;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A stand-in for an agent on sqlite-jdbc: the same program as `agent_writer.py`, whose head
/// describes its commands and its log.
///
/// ```
/// java dev.holdfast.tests.writer.JdbcWriter DATABASE SEED
/// ```
public final class JdbcWriter {
    private final WriterDatabase database;
    private final Patterns patterns;

    private JdbcWriter(Path path, long seed) {
        this.database = new WriterDatabase(path);
        this.patterns = new Patterns(database, seed);
    }

    public static void main(String[] args) throws IOException, SQLException {
        JdbcWriter writer = new JdbcWriter(Path.of(args[0]), Long.parseLong(args[1]));
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                writer.execute(List.of(line.split(" ", -1)));
                log(new JsonObject().put("done", line));
            } catch (SQLException e) {
                log(new JsonObject().put("error", e.getMessage()).put("command", line));
            }
        }
        writer.database.close();
    }

    static void log(JsonObject line) {
        System.out.println(line);
        System.out.flush();
    }

    private void execute(List<String> words) throws SQLException {
        switch (words.getFirst()) {
            case "open" -> open(words.subList(1, words.size()));
            case "run" -> run(words);
            case "hang" -> {
                patterns.begin(words.get(1), number(words, 2));
                log(new JsonObject().put("hanging", database.lastCommit() + 1));
            }
            case "commit" -> database.commit();
            case "rollback" -> database.execute("ROLLBACK");
            case "checkpoint" -> database.checkpoint(words.get(1));
            case "vacuum" -> database.change("VACUUM");
            case "change" -> database.change(statement(words));
            case "query" -> log(new JsonObject().put("value", database.value(statement(words))));
            case "witness" -> {
                database.findLastCommit();
                database.logCommit();
            }
            case "close" -> database.close();
            default -> throw new IllegalArgumentException("unknown command " + words);
        }
    }

    private void open(List<String> settings) throws SQLException {
        long start = System.nanoTime();
        int busy = database.open(settings);
        double milliseconds = (System.nanoTime() - start) / 1e6;
        if (database.number("SELECT count(*) FROM sqlite_schema WHERE name = '_ledger'") == 0) {
            patterns.transaction("schema", 0);
        }
        database.findLastCommit();
        log(
                new JsonObject()
                        .put("opened", database.lastCommit())
                        .put("pages", database.pages())
                        .put("image", database.image())
                        .put("milliseconds", milliseconds)
                        .put("busy", busy));
    }

    private void run(List<String> words) throws SQLException {
        String pattern = words.get(1);
        long last = database.lastCommit() + number(words, 2);
        while (database.lastCommit() < last) {
            if (pattern.equals("reconnect")) {
                database.close();
                database.connect();
                patterns.transaction("touch", 0);
                database.close();
            } else {
                patterns.transaction(pattern, number(words, 3));
            }
            LockSupport.parkNanos(number(words, 4) * 1_000_000L);
        }
        if (pattern.equals("reconnect")) {
            database.connect();
        }
    }

    private static String statement(List<String> words) {
        return String.join(" ", words.subList(1, words.size()));
    }

    private static int number(List<String> words, int index) {
        return index < words.size() ? Integer.parseInt(words.get(index)) : 0;
    }
}
