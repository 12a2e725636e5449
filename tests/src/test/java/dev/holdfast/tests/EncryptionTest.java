package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.seal.Identity;
import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.IndependentRestore;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/// An archive that its own writer can't read.
final class EncryptionTest {
    private static final int USAGE = 2;
    private static final int NO_KEY = 42;

    @TempDir private Path folder;

    private Path database;
    private Path archive;
    private String recipient = "";

    @BeforeEach
    void keys() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
        recipient = generate("reader.key");
    }

    private String generate(String file) {
        return Holdfast.lines(folder, "key", "generate", "--out", file)
                .getFirst()
                .text("recipient");
    }

    private Replication follow() {
        return Replication.attach(database, archive, "--recipient", recipient);
    }

    private List<Identity> reader() throws IOException {
        return Identity.parseAll(Files.readString(folder.resolve("reader.key")));
    }

    @Test
    void aHostWithoutTheSecretGoesOnAfterAKillAndWhoHasItReadsAll() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open wal_autocheckpoint=0");
            try (Replication replication = follow()) {
                replication.awaitEvent("durable");
                writer.begin("run mixed 30");
                writer.awaitCommit(writer.last().n() + 9);
                replication.kill();
            }
            writer.awaitDone("run mixed 30");
            try (Replication replication = Replication.start(database, archive)) {
                assertThat(replication.awaitEnd().exit()).isEqualTo(USAGE);
            }
            try (Replication replication =
                    Replication.start(database, archive, "--recipient", recipient)) {
                Json following = replication.awaitFollowing();
                assertThat(following.text("continuity")).isEqualTo("wal");
                writer.tell("run chat 5");
                assertThat(Holdfast.run(folder, "key", "rotate", "agent.db").exit()).isZero();
                writer.tell("run chat 5");
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder, reader()).equals(writer.states()))
                    .isGreaterThan(30);
            Path independent = folder.resolve("independent.db");
            long newest =
                    Holdfast.lines(
                                    folder,
                                    "history",
                                    "--from",
                                    "archive",
                                    "--identity",
                                    "reader.key",
                                    "--limit",
                                    "1")
                            .getLast()
                            .number("tx");
            IndependentRestore.run(
                    archive,
                    independent,
                    newest,
                    "--identity",
                    folder.resolve("reader.key").toString());
            assertThat(DatabaseImage.of(independent)).isEqualTo(writer.last().image());
        }
    }

    @Test
    void whoMayReadIsAddedLaterAndNobodyElseReads() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication = follow()) {
                writer.tell("run chat 5");
                replication.stop();
            }
            String image = writer.last().image();
            String other = generate("other.key");
            assertThat(restore("none.db").exit()).isEqualTo(NO_KEY);
            assertThat(restore("early.db", "--identity", "other.key").exit()).isEqualTo(NO_KEY);
            String[] add = {
                "key", "add", "--from", "archive", "--recipient", other, "--identity", "reader.key"
            };
            assertThat(Holdfast.lines(folder, add).getFirst().number("added")).isPositive();
            assertThat(Holdfast.lines(folder, add).getFirst().number("added")).isZero();
            assertThat(restore("late.db", "--identity", "other.key").exit()).isZero();
            assertThat(DatabaseImage.of(folder.resolve("late.db"))).isEqualTo(image);
            Holdfast.Finished healed =
                    Holdfast.run(folder, "heal", "--from", "archive", "--to", "copy");
            assertThat(healed.exit()).as(healed.toString()).isZero();
            Holdfast.Finished copied =
                    Holdfast.run(
                            folder,
                            "restore",
                            "--from",
                            "copy",
                            "--identity",
                            "other.key",
                            "-o",
                            "copied.db");
            assertThat(copied.exit()).as(copied.toString()).isZero();
            assertThat(DatabaseImage.of(folder.resolve("copied.db"))).isEqualTo(image);
        }
        Json unread = Holdfast.lines(folder, "verify", "--from", "archive").getFirst();
        assertThat(unread.text("verdict")).isEqualTo("good");
        Json read =
                Holdfast.lines(folder, "verify", "--from", "archive", "--identity", "reader.key")
                        .getFirst();
        assertThat(read.text("verdict")).isEqualTo("good");
        assertThat(read.number("states")).isGreaterThan(unread.number("states"));
    }

    @Test
    void aKeyFileIsForItsOwnerAndNeverWrittenOver() throws IOException {
        Path file = folder.resolve("reader.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String before = Files.readString(file);
        Holdfast.Finished again = Holdfast.run(folder, "key", "generate", "--out", "reader.key");
        assertThat(again.exit()).isEqualTo(USAGE);
        assertThat(Files.readString(file)).isEqualTo(before);
        Holdfast.Finished wrong =
                Holdfast.run(
                        folder,
                        "replicate",
                        "agent.db",
                        "--to",
                        "archive",
                        "--recipients",
                        "reader.key");
        assertThat(wrong.exit()).isEqualTo(USAGE);
        assertThat(wrong.toString()).doesNotContain("AGE-SECRET-KEY-1");
    }

    private Holdfast.Finished restore(String out, String... options) {
        return Holdfast.run(
                folder,
                Stream.concat(
                                Stream.of("restore", "--from", "archive", "-o", out),
                                Stream.of(options))
                        .toArray(String[]::new));
    }
}
