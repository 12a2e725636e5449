package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// Every shape that a database can have: page sizes, reserved bytes, encodings, kinds of vacuum,
/// and in each of them every kind of table. Holdfast knows pages and no SQL, so what this looks for
/// is a layout of pages that it takes for something else.
final class ShapeTest {
    private static final long SEED = Long.getLong("seed", 1);

    /// Each of them is one transaction.
    private static final List<String> STATEMENTS =
            List.of(
                    "CREATE VIRTUAL TABLE words USING fts5(body)",
                    "INSERT INTO words SELECT body FROM chat",
                    "INSERT INTO words SELECT upper(body) FROM chat",
                    "INSERT INTO words (words) VALUES ('optimize')",
                    "CREATE TABLE typed (id INTEGER PRIMARY KEY, a INT, b ANY) STRICT",
                    "INSERT INTO typed (a, b) VALUES (1, 'x'), (2, 3.5), (3, x'00ff')",
                    "CREATE TABLE derived (a INT, b AS (a * 2) STORED, c AS (a || 'é') VIRTUAL)",
                    "CREATE INDEX derived_c ON derived (c)",
                    "INSERT INTO derived (a) VALUES (1), (2), (3)",
                    "CREATE TABLE blobs (" + fifty("c%d BLOB") + ")",
                    "INSERT INTO blobs VALUES (" + fifty("randomblob(700 + %d)") + ")",
                    "INSERT INTO blobs SELECT * FROM blobs UNION ALL SELECT * FROM blobs",
                    "UPDATE blobs SET c7 = zeroblob(5000), c49 = NULL WHERE rowid = 2",
                    "CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID",
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
                        + " INSERT INTO keyed SELECT hex(i * 7919 % 1009) || '-' || i, i FROM n",
                    "DELETE FROM keyed WHERE v % 3 <> 0",
                    "CREATE TRIGGER t AFTER INSERT ON typed BEGIN DELETE FROM keyed WHERE v < 50;"
                            + " INSERT INTO words VALUES (new.b); END",
                    "INSERT INTO typed (a, b) VALUES (4, 'by a trigger')",
                    "ALTER TABLE typed ADD COLUMN more TEXT DEFAULT 'm'",
                    "ALTER TABLE derived RENAME COLUMN a TO renamed",
                    "ANALYZE",
                    "REINDEX",
                    "PRAGMA application_id = 7",
                    "DROP TABLE blobs",
                    "VACUUM");

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "PYTHON, page_size=512 auto_vacuum=0 reserve=32 encoding='UTF-8'",
                "PYTHON, page_size=1024 auto_vacuum=1 reserve=8 encoding='UTF-16le'",
                "PYTHON, page_size=2048 auto_vacuum=2 reserve=255 encoding='UTF-16be'",
                "PYTHON, page_size=4096 auto_vacuum=1 encoding='UTF-16be' cache_size=10",
                "PYTHON, page_size=8192 auto_vacuum=2 reserve=1 encoding='UTF-8'",
                "PYTHON, page_size=16384 auto_vacuum=0 encoding='UTF-16le'",
                "PYTHON, page_size=32768 auto_vacuum=1 reserve=64 wal_autocheckpoint=3",
                "PYTHON, page_size=65536 auto_vacuum=2 reserve=16 encoding='UTF-16le'",
                "JDBC,   page_size=512 auto_vacuum=2 encoding='UTF-16be' cache_size=10",
                "JDBC,   page_size=65536 auto_vacuum=1 encoding='UTF-8'"
            })
    void everyTransactionOfAnyShapeIsRestorable(WriterKind kind, String settings) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(kind, database, SEED)) {
            writer.tell("open " + settings);
            try (Replication replication = Replication.attach(database, archive)) {
                writer.tell("run mixed 6");
                writer.tell("run chat 4");
                for (String statement : STATEMENTS) {
                    writer.tell("change " + statement);
                }
                writer.tell("run wide 1 40");
                writer.tell("run narrow 1");
                writer.tell("run shrink 1 5");
                writer.tell("checkpoint TRUNCATE");
                writer.tell("run mixed 3");
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isEqualTo(writer.states().size());
        }
        Holdfast.assertGood(archive);
    }

    private static String fifty(String column) {
        return String.join(
                ", ", IntStream.range(0, 50).mapToObj(i -> column.formatted(i)).toList());
    }
}
