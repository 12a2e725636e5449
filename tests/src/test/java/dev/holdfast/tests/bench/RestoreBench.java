package dev.holdfast.tests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.OptionalInt;

/// The restore of a large database from its snapshot against a copy of the same bytes with fsync.
final class RestoreBench {
    private RestoreBench() {}

    static void run(Path folder, OptionalInt rounds) throws IOException, SQLException {
        Path database = folder.resolve("large.db");
        Path archive = folder.resolve("archive");
        LargeDatabase.write(database);
        Commands.archive(database, archive);
        System.out.printf("restore of %,d MB%n", Files.size(database) >> 20);
        new Comparison(
                        "restore",
                        () ->
                                Comparison.time(
                                        () -> Commands.restore(archive, folder.resolve("out.db"))),
                        "copy + fsync",
                        () ->
                                Comparison.time(() ->
                                        LargeDatabase.copy(database, folder.resolve("copy.db"))))
                .print(rounds.orElse(5));
    }
}
