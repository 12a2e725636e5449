package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Captures a scratch database of its own in the state folder before the real one is touched.
///
/// Java loads and links code when it first comes by. Without this, that happens in the first
/// hand-overs of the application's database, while it is pinned: a TRUNCATE of the application then
/// waited 0.3 to 1 s (measured, 2 busy cores). Nothing depends on it, so whatever fails is left
/// alone.
final class Rehearsal {
    private static final int ROUNDS = 40;
    private static final int CHECKPOINT_EVERY = 8;

    private Rehearsal() {}

    /// Nothing is shipped anywhere.
    static void run(
            Path stateFolder, ArchiveInfo archive, FollowerOptions options, Timekeeper time) {
        Path folder = stateFolder.resolve("rehearsal");
        try {
            remove(folder);
            Files.createDirectory(folder, StateFolder.ownerOnly("rwx------"));
            try {
                play(folder, archive, options, time);
            } finally {
                remove(folder);
            }
        } catch (IOException | SQLException | LiveDatabaseException _) {
            // The first hand-overs are slower, no more
        }
    }

    private static void play(
            Path folder, ArchiveInfo archive, FollowerOptions options, Timekeeper time)
            throws IOException, SQLException, LiveDatabaseException {
        Path database = folder.resolve("scratch.db");
        WriterId writer = new WriterId(0);
        Consumer<FollowerEvent> events = _ -> {};
        try (Connection application =
                        DriverManager.getConnection("jdbc:sqlite:" + database.toUri());
                Statement statement = application.createStatement();
                Spool spool = Spool.open(folder.resolve("spool"));
                LogWriter log =
                        new LogWriter(
                                archive.id(),
                                writer,
                                options.codec(),
                                time,
                                spool,
                                LogPoint.beginning(archive),
                                SourcePosition.NOWHERE,
                                () -> {},
                                _ -> {})) {
            log.seal(new Sealing(options.recipients()));
            // This thread is both sides: whoever waited would wait for itself
            statement.execute("PRAGMA busy_timeout=0");
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=OFF");
            statement.execute("CREATE TABLE scratch (id INTEGER PRIMARY KEY, bytes BLOB)");
            Attachment attachment = new Attachment(database, log, time);
            if (attachment.attempt(Optional.empty(), RebaseReason.FIRST)
                    instanceof Attachment.Step.Attached attached) {
                Capture capture =
                        new Capture(
                                attached.live(),
                                log,
                                new Destinations(List.of()),
                                time,
                                events,
                                attached.position(),
                                attached.pinnedEnd(),
                                options.walLimit());
                try (LiveDatabase _ = attached.live()) {
                    follow(statement, capture);
                }
            }
        }
    }

    private static void follow(Statement statement, Capture capture)
            throws SQLException, IOException, LiveDatabaseException {
        for (int i = 0; i < ROUNDS; i++) {
            statement.execute("INSERT INTO scratch (bytes) VALUES (randomblob(3000))");
            capture.step();
            if (i % CHECKPOINT_EVERY == 0) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
            capture.step();
        }
        capture.finish();
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (UncheckedIOException e) { // of the walk
            throw e.getCause();
        }
    }
}
