package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.attribute.PosixFilePermissions;

/// What `status` says when not all is well.
final class StatusTest {
    private static final int LOCAL_FILES = 21;
    private static final int UNAVAILABLE = 30;
    private static final int FENCED = 50;

    @TempDir private Path folder;

    @Test
    void whatAFencedWriterCapturedWaitsForever() throws IOException {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run touch 1");
            try (Replication fenced = Replication.attach(database, archive)) {
                fenced.awaitEvent("durable");
                Path restored = Files.createDirectory(folder.resolve("there")).resolve("agent.db");
                Json _ =
                        Holdfast.lines(
                                        folder,
                                        "restore",
                                        "--from",
                                        "archive",
                                        "-o",
                                        restored.toString())
                                .getFirst();
                try (Replication other = Replication.attach(restored, archive)) {
                    other.stop();
                }
                writer.tell("run touch 1");
                assertThat(fenced.awaitEnd().exit()).isEqualTo(FENCED);
            }
        }
        Json local = Holdfast.lines(folder, "status", "agent.db").getFirst().object("local");
        assertThat(local.flag("is_last_writer")).isFalse();
        assertThat(local.number("waiting_transactions")).isEqualTo(1);
        assertThat(local.number("waiting_bytes")).isPositive();
        assertThat(Holdfast.run(folder, "status", "agent.db").out())
                .filteredOn(line -> line.startsWith("waiting"))
                .singleElement()
                .asString()
                .startsWith("waiting    1 transaction, ")
                .endsWith(": can't be shipped anymore, as another writer has the archive");
    }

    @Test
    void whatWaitsIsToldWhileTheStoreIsAway() throws IOException {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            writer.tell("run touch 1");
            try (Replication replication = Replication.attach(database, archive)) {
                replication.awaitEvent("durable");
                Files.move(archive, folder.resolve("away"));
                writer.tell("run touch 1");
                replication.awaitEvent("troubled");
                Holdfast.Finished finished = Holdfast.run(folder, "status", "agent.db", "--json");
                assertThat(finished.exit()).isEqualTo(UNAVAILABLE);
                Json local = finished.json().object("local");
                assertThat(local.number("captured_tx")).isGreaterThanOrEqualTo(2);
                assertThat(local.number("waiting_transactions")).isPositive();
                assertThat(finished.err("{")).contains("the folder is not there");
                Files.move(folder.resolve("away"), archive);
                replication.stop();
            }
        }
    }

    @Test
    void aStateFolderThatMayNotBeReadIsNotAnAbsentOne() throws IOException {
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("---------"));
        // Root without what sets it above the modes of files. They hold for everyone else.
        Holdfast.Finished finished =
                Holdfast.runLimited(
                        folder,
                        "[ $(id -u) != 0 ] || exec setpriv"
                                + " --bounding-set=-dac_override,-dac_read_search \"$0\" \"$@\"",
                        "status",
                        "agent.db",
                        "--state",
                        "state");
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx------"));
        assertThat(finished.exit()).as("%s", finished).isEqualTo(LOCAL_FILES);
        assertThat(finished.err("error: ")).contains("state: permission denied");
    }
}
