package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Copies of one archive: away for runs on end, added later, damaged, repaired.
final class CopiesTest {
    private static final int NOT_DURABLE = 32;
    private static final int CORRUPT_ARCHIVE = 40;

    @TempDir private Path folder;

    private Path database;
    private Path disk;
    private Path near;
    private Path far;

    @BeforeEach
    void place() {
        database = folder.resolve("agent.db");
        disk = folder.resolve("disk");
        near = disk.resolve("near");
        far = folder.resolve("far");
    }

    /// Runs, each with a stop, of which nothing is left on this machine but the page map.
    private void ship(Writer writer, int runs, String... options) {
        for (int i = 0; i < runs; i++) {
            try (Replication replication = Replication.attach(database, near, options)) {
                writer.tell("run mixed 10");
                replication.stop();
            }
        }
    }

    private Writer writer() {
        Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
        // The WAL keeps what is committed between two runs
        writer.tell("open wal_autocheckpoint=0");
        writer.tell("run chat 1");
        return writer;
    }

    private void assertEveryCommit(Path archive, Writer writer, int least) throws IOException {
        Path scratch = Files.createTempDirectory(folder, "scratch");
        new EveryTransaction(archive, scratch).assertHolds(writer.states(), least);
    }

    @Test
    void whatIsCommittedInRunsWithoutTheStoreIsAllShippedWhenItIsBack() throws IOException {
        try (Writer writer = writer()) {
            ship(writer, 1);
            Files.move(disk, folder.resolve("unplugged"));
            Files.createFile(disk); // where nobody can make a folder
            for (int i = 0; i < 3; i++) {
                try (Replication replication =
                        Replication.attach(database, near, "--grace", "1s")) {
                    writer.tell("run mixed 10");
                    assertThat(replication.awaitEvent("troubled").text("to"))
                            .isEqualTo("file:" + near);
                    replication.signal("TERM");
                    assertThat(replication.awaitEnd().exit()).isEqualTo(NOT_DURABLE);
                }
            }
            Files.delete(disk);
            Files.move(folder.resolve("unplugged"), disk);
            ship(writer, 1);
            assertEveryCommit(near, writer, 50);
        }
    }

    /// The spool gives back whole files of 32 MB: of a small log it has all.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneThatIsAddedLaterHoldsEveryCommit(boolean isLogHere) throws IOException {
        try (Writer writer = writer()) {
            ship(writer, 3);
            if (!isLogHere) {
                for (Path file : objects(folder.resolve(".agent.db-holdfast"), "spool")) {
                    Files.delete(file);
                }
            }
            try (Replication replication =
                    Replication.attach(database, near, "--to", far.toString())) {
                Json filled = replication.awaitEvent("filled");
                assertThat(filled.text("to")).isEqualTo("file:" + far);
                assertThat(filled.text("from")).isEqualTo("file:" + near);
                writer.tell("run mixed 10");
                replication.stop();
            }
            assertEveryCommit(near, writer, 40);
            assertEveryCommit(far, writer, 40);
        }
    }

    private static List<Path> objects(Path archive, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(archive.resolve(prefix))) {
            return files.sorted().toList();
        }
    }

    private static void turnBit(Path object) throws IOException {
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length - 40] ^= 4; // before the last digest: in the last body
        Files.delete(object);
        Files.write(object, bytes);
    }

    private Holdfast.Finished restore(Path out, Path... archives) {
        List<String> arguments =
                Stream.concat(
                                Stream.of("restore", "--json", "-o", out.toString()),
                                Stream.of(archives)
                                        .flatMap(each -> Stream.of("--from", each.toString())))
                        .toList();
        return Holdfast.run(folder, arguments.toArray(String[]::new));
    }

    @Test
    void copiesThatAreEachDamagedAreWholeTogether() throws IOException {
        LoggedState last;
        try (Writer writer = writer()) {
            ship(writer, 3, "--to", far.toString());
            last = writer.last();
        }
        List<Path> ofNear = objects(near, "log");
        List<Path> ofFar = objects(far, "log");
        turnBit(ofNear.getLast());
        turnBit(ofFar.getFirst());
        turnBit(objects(far, "snapshots").getLast());
        Path out = folder.resolve("restored.db");
        for (Path each : List.of(near, far)) {
            assertThat(restore(out, each).exit()).as("%s", each).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(out).doesNotExist();
        }
        Holdfast.Finished restored = restore(out, near, far);
        assertThat(restored.exit()).as("%s", restored).isZero();
        assertThat(DatabaseImage.of(out)).isEqualTo(last.image());
        List<Json> taken = restored.json().objects("taken");
        assertThat(taken).extracting(each -> each.text("object")).isNotEmpty();
        assertThat(taken.getLast().texts("from")).contains("file:" + far);
    }

    private Holdfast.Finished heal(String option) {
        return Holdfast.run(
                folder, "heal", option, "--from", far.toString(), "--to", near.toString());
    }

    @Test
    void aCopyIsHealedFromAnotherAndNothingInItIsReplaced() throws IOException {
        try (Writer writer = writer()) {
            ship(writer, 3, "--to", far.toString());
            List<Path> log = objects(near, "log");
            Files.delete(log.get(log.size() / 2));
            Files.delete(objects(near, "snapshots").getFirst());
            Path damaged = log.getLast();
            turnBit(damaged);
            byte[] before = Files.readAllBytes(damaged);
            Holdfast.Finished planned = heal("--dry-run");
            assertThat(planned.exit()).as("%s", planned).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(planned.out().getFirst()).startsWith("would create ");
            assertThat(objects(near, "log")).hasSize(log.size() - 1);

            Holdfast.Finished healed = heal("--json");
            assertThat(healed.exit()).as("%s", healed).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(healed.json().objects("left"))
                    .extracting(each -> each.text("object"))
                    .containsExactly("log/" + damaged.getFileName());
            assertThat(Files.readAllBytes(damaged)).isEqualTo(before);

            Files.delete(damaged);
            Holdfast.Finished whole = heal("--json");
            assertThat(whole.exit()).as("%s", whole).isZero();
            assertThat(whole.json().text("outcome")).isEqualTo("whole");
            assertEveryCommit(near, writer, 30);
        }
    }
}
