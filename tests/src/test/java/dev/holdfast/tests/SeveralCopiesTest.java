package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// `replicate` to two folders, of which one comes late.
final class SeveralCopiesTest {
    private static final int USAGE = 2;
    private static final int STORAGE_UNAVAILABLE = 30;
    private static final int NOT_DURABLE = 32;
    private static final int CORRUPT_ARCHIVE = 40;
    private static final int FENCED = 50;

    @TempDir private Path folder;

    private Path database;
    private Path near;
    private Path far;

    @BeforeEach
    void place() {
        database = folder.resolve("agent.db");
        near = folder.resolve("near");
        far = folder.resolve("disk").resolve("far");
    }

    private Replication follow(String... options) {
        return Replication.attach(
                database,
                near,
                List.of(List.of("--to", far.toString()), List.of(options)).stream()
                        .flatMap(List::stream)
                        .toArray(String[]::new));
    }

    private void takeDiskAway() throws IOException {
        Files.move(folder.resolve("disk"), folder.resolve("unplugged"));
        Files.createFile(folder.resolve("disk")); // where nobody can make a folder
    }

    private void giveDiskBack() throws IOException {
        Files.delete(folder.resolve("disk"));
        Files.move(folder.resolve("unplugged"), folder.resolve("disk"));
    }

    private void assertLast(Path archive, LoggedState last) throws IOException {
        Path restored = Files.createTempDirectory(folder, "restored").resolve("agent.db");
        Holdfast.Finished done =
                Holdfast.run(
                        folder, "restore", "--from", archive.toString(), "-o", restored.toString());
        assertThat(done.exit()).as("%s", done).isZero();
        assertThat(DatabaseImage.of(restored)).isEqualTo(last.image());
        assertThat(Holdfast.run(folder, "verify", "--from", archive.toString()).exit()).isZero();
    }

    /// From then on the other is known to the state folder.
    private void shipToBoth(Writer writer) {
        writer.tell("open");
        writer.tell("run chat 5");
        try (Replication replication = follow()) {
            replication.stop();
        }
    }

    private static void awaitTold(Replication replication, String event, Path archive) {
        while (replication.events().stream()
                .noneMatch(told ->
                        told.text("event").equals(event)
                                && told.text("to").equals("file:" + archive))) {
            assertThat(replication.isAlive()).isTrue();
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static Json destination(Json stopped, int index) {
        return stopped.objects("destinations").get(index);
    }

    @Test
    void aFlushThatIsGivenUpSaysWhichOfThemLacksWhat() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run chat 5");
            try (Replication replication = follow()) {
                assertThat(Holdfast.run(folder, "flush", "agent.db").exit()).isZero();
                takeDiskAway();
                writer.tell("run chat 20");
                awaitTold(replication, "troubled", far);
                Holdfast.Finished late =
                        Holdfast.run(folder, "flush", "agent.db", "--timeout", "5s", "--json");
                assertThat(late.exit()).isEqualTo(NOT_DURABLE);
                Json error = Json.parse(late.err().getLast());
                assertThat(error.text("error"))
                        .startsWith(
                                "not all that is committed became durable within the time"
                                        + " given: transactions ")
                        .endsWith(" are not in file:" + far + " yet");
                assertThat(destination(error, 0).text("to")).isEqualTo("file:" + near);
                assertThat(destination(error, 0).number("waiting_bytes")).isZero();
                assertThat(destination(error, 1).text("to")).isEqualTo("file:" + far);
                assertThat(destination(error, 1).number("waiting_bytes")).isPositive();
                assertThat(destination(error, 1).number("durable_tx"))
                        .isLessThan(destination(error, 0).number("durable_tx"));
                giveDiskBack();
                assertThat(Holdfast.run(folder, "flush", "agent.db").exit()).isZero();
                replication.stop();
            }
            assertLast(far, writer.last());
        }
    }

    @Test
    void oneThatIsAwayGetsAllWhenItIsBackThroughKillsAndRestarts() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            shipToBoth(writer);
            takeDiskAway();
            try (Replication replication = follow("--grace", "1s")) {
                Json started = replication.events().getFirst();
                assertThat(started.texts("to")).containsExactly("file:" + near, "file:" + far);
                writer.tell("run chat 20");
                awaitTold(replication, "durable", near);
                awaitTold(replication, "troubled", far);
                assertStatusNamesTheOneThatIsAway();
                replication.signal("TERM");
                Holdfast.Finished end = replication.awaitEnd();
                assertThat(end.exit()).isEqualTo(NOT_DURABLE);
                assertThat(end.err("error: "))
                        .contains("nothing could be sent to file:" + far)
                        .doesNotContain(near.toString());
                Json stopped = replication.events().getLast();
                assertThat(destination(stopped, 0).number("waiting_bytes")).isZero();
                assertThat(destination(stopped, 1).flag("joined")).isFalse();
            }
            assertLast(near, writer.last());
            try (Replication replication = follow()) {
                writer.tell("run chat 20");
                awaitTold(replication, "durable", near);
                replication.kill();
            }
            giveDiskBack();
            try (Replication replication = follow()) {
                writer.tell("run chat 20");
                replication.stop();
            }
            assertLast(near, writer.last());
            assertLast(far, writer.last());
        }
    }

    private void assertStatusNamesTheOneThatIsAway() {
        Holdfast.Finished status = Holdfast.run(folder, "status", "agent.db", "--json");
        assertThat(status.exit()).isEqualTo(STORAGE_UNAVAILABLE);
        List<Json> lines = status.out().stream().map(Json::parse).toList();
        assertThat(lines)
                .extracting(line -> line.text("location"))
                .containsExactly("file:" + near, "file:" + far);
        assertThat(lines.getFirst().isNull("store_problem")).isTrue();
        assertThat(lines.getLast().text("store_problem")).contains("far");
        assertThat(lines.getLast().object("local").number("waiting_transactions")).isPositive();
    }

    /// Of one that was shipped to before. A new one is refused.
    @Test
    void oneWhoseArchiveIsDamagedIsTroubleAndTheOtherGoesOn() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            shipToBoth(writer);
            Files.writeString(far.resolve("archive.json"), "{}");
            try (Replication replication = follow("--grace", "1s")) {
                writer.tell("run chat 5");
                awaitTold(replication, "troubled", far);
                replication.signal("TERM");
                assertThat(replication.awaitEnd().exit()).isEqualTo(NOT_DURABLE);
            }
            assertLast(near, writer.last());
            Files.writeString(
                    Files.createDirectory(folder.resolve("new")).resolve("archive.json"), "{}");
            Holdfast.Finished refused =
                    Holdfast.run(folder, "replicate", "agent.db", "--to", "near", "--to", "new");
            assertThat(refused.exit()).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(folder.resolve("new").toFile().list()).containsExactly("archive.json");
        }
    }

    @Test
    void whoeverTakesOverOneOfThemFencesTheWriterOfBoth() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run chat 5");
            try (Replication replication = follow();
                    Replication other =
                            Replication.attach(
                                    database,
                                    far,
                                    "--take-over",
                                    "--state",
                                    folder.resolve("other").toString())) {
                writer.tell("run chat 5");
                assertThat(replication.awaitEnd().exit()).isEqualTo(FENCED);
                other.stop();
            }
        }
    }

    @Test
    void twoPlacesThatAreOneAreRefused() throws IOException {
        Files.createSymbolicLink(folder.resolve("link"), Path.of("near"));
        for (String[] places :
                new String[][] {
                    {"near", "near"},
                    {"near", "link/../near"},
                    {"near", "near/log"},
                    {"near/a", "near"},
                    {"s3://bucket/a", "s3://bucket/a?region=eu-central-1"},
                    {"s3://bucket/a", "s3://bucket/a/b"},
                    {"s3://bucket", "s3://bucket/b"}
                }) {
            Holdfast.Finished refused =
                    Holdfast.run(
                            folder, "replicate", "agent.db", "--to", places[0], "--to", places[1]);
            assertThat(refused.exit()).as("%s", List.of(places)).isEqualTo(USAGE);
            assertThat(refused.err("error: ")).contains("are the same place");
        }
        assertThat(near).doesNotExist();
    }
}
