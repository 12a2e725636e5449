package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Scratch;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A database that grows past a size at which arithmetic goes wrong: 1 GiB, where the page lies
/// that SQLite locks and never writes, and 2 GiB, past the largest `int`.
final class LargeFileTest {
    private static final long MEGABYTE = 1 << 20;

    /// Of random bytes, three times: the second crosses the boundary.
    private static final long STEP = 24 * MEGABYTE;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"1024, 4096", "2048, 65536"})
    void aDatabaseThatGrowsPastABoundaryIsRestoredPageForPage(long megabytes, int pageSize)
            throws IOException {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            long zeros = megabytes * MEGABYTE - STEP * 3 / 2;
            writer.tell("open images=0 journal_mode=OFF synchronous=OFF page_size=" + pageSize);
            writer.tell(
                    "query WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                            + " WHERE i < 100) INSERT INTO wide (body) SELECT zeroblob("
                            + zeros / 100
                            + ") FROM n RETURNING 1");
            writer.tell("close");
            writer.tell("open images=0");
            writer.tell("close");
            String before = DatabaseImage.of(database);
            writer.tell("open images=0");
            try (Replication replication = Replication.attach(database, archive)) {
                replication.awaitDurable(1);
                writer.tell("run wide 3 " + STEP / pageSize);
                writer.exit();
                replication.stop();
            }
            assertThat(Files.size(database)).isGreaterThan(megabytes * MEGABYTE + STEP);
            Scratch scratch = new Scratch(archive, folder);
            Path newest = scratch.restoreNewest();
            assertThat(DatabaseImage.of(newest)).isEqualTo(DatabaseImage.of(database));
            scratch.remove(newest);
            long history = new EveryTransaction(archive, folder).count();
            assertThat(history).isEqualTo(4);
            Path first = scratch.restore(1);
            assertThat(DatabaseImage.of(first)).isEqualTo(before);
        }
        Holdfast.assertGood(archive);
    }
}
