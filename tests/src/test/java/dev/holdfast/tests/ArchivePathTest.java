package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// However an archive's folder is called, and however it is named: what is told and stored leads
/// back to it.
final class ArchivePathTest {
    @TempDir private Path folder;

    @Test
    void aFolderIsFoundAgainWhateverItIsCalled() throws IOException {
        Path archive = folder.resolve("my 100% \"archive\" #1?a=%20&ü\n;e\u0301");
        Files.createDirectory(folder.resolve("x"));
        try (Writer writer = Writer.start(WriterKind.PYTHON, folder.resolve("agent.db"), 1)) {
            writer.tell("open");
            Path roundabout = Path.of("x/../.").resolve(folder.relativize(archive));
            try (Replication replication =
                    Replication.start(folder.resolve("agent.db"), roundabout)) {
                String told = replication.awaitEvent("started").texts("to").getFirst();
                replication.awaitFollowing();
                writer.tell("run mixed 5");
                replication.stop();

                Json status = Holdfast.lines(folder, "status", "agent.db").getFirst();
                assertThat(status.text("location")).isEqualTo(told).doesNotContain("..");
                assertThat(status.object("durable").number("tx")).isGreaterThanOrEqualTo(5);
                Holdfast.lines(folder, "restore", "--from", told, "-o", "back.db");
                assertThat(DatabaseImage.of(folder.resolve("back.db")))
                        .isEqualTo(writer.states().getLast().image());
            }
        }
        assertThat(archive.resolve("archive.json")).exists();
    }

    @Test
    void theWorkingDirectoryIsToldAndKeptByItsName() throws IOException {
        Path working = Files.createDirectory(folder.resolve("working"));
        Path database = working.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.start(database, Path.of("."), "--state", folder + "/state")) {
                assertThat(replication.awaitEvent("started").texts("to").getFirst())
                        .isEqualTo("file:" + working.toRealPath());
                replication.awaitFollowing();
                replication.stop();
            }
        }
        assertThat(working.resolve("archive.json")).exists();
    }
}
