package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What can't be followed is refused by name, with what to do; what will be there is waited for;
/// and two writers never mix.
final class RefusalTest {
    private static final int USAGE = 2;
    private static final int SOURCE_DATABASE = 20;
    private static final int CORRUPT_ARCHIVE = 40;
    private static final int FENCED = 50;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void aRollbackJournalIsRefused(WriterKind kind) throws IOException {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(kind, database, 1)) {
            writer.tell("open journal_mode=DELETE");
            writer.tell("run mixed 3");
            Holdfast.Finished refused =
                    Holdfast.run(folder, "replicate", "agent.db", "--to", "sub/a/b");
            assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
            assertThat(refused.err("error: "))
                    .contains("agent.db is in rollback-journal mode")
                    .contains("wanted journal_mode=WAL");
            assertThat(refused.err("hint: ")).contains("PRAGMA journal_mode=WAL");
            assertThat(names()).containsExactly("agent.db");
            // The application has noticed nothing
            writer.tell("run mixed 3");
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    @Test
    void whatIsNoDatabaseIsRefused() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "no database. ".repeat(1000));
        Holdfast.Finished refused =
                Holdfast.run(folder, "replicate", "notes.txt", "--to", "archive", "--json");
        assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
        Json error = Json.parse(refused.err("{"));
        assertThat(error.text("error")).contains("notes.txt is not an SQLite database: found 'no");
        assertThat(error.number("exit")).isEqualTo(SOURCE_DATABASE);
    }

    @Test
    void aFolderIsNoDatabase() {
        Holdfast.Finished refused = Holdfast.run(folder, "replicate", ".", "--to", "archive");
        assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
        assertThat(refused.err("error: ")).contains("is not a regular file");
    }

    @Test
    void whatCanNeverBeFollowedIsRefusedAtOnceAndLeavesNothingBehind() throws IOException {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "no database");
        Path inner = Files.createDirectory(folder.resolve("inner"));
        for (Path never : List.of(notes, inner, Path.of("/dev/null"))) {
            Holdfast.Finished refused =
                    Holdfast.run(
                            folder,
                            "replicate",
                            never.toString(),
                            "--to",
                            "archive",
                            "--state",
                            "state");
            assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
            assertThat(refused.out()).isEmpty();
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(notes, inner);
        }
    }

    @Test
    void whatIsNoArchiveIsRefusedAndLeftAsItIs() throws IOException {
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Path info = Files.writeString(foreign.resolve("archive.json"), "{\"pages\": 12}");
        Holdfast.Finished refused =
                Holdfast.run(folder, "replicate", "agent.db", "--to", "foreign");
        assertThat(refused.exit()).isEqualTo(CORRUPT_ARCHIVE);
        assertThat(refused.err("error: ")).contains("archive.json");
        assertThat(names()).containsExactly("foreign");
        try (Stream<Path> left = Files.list(foreign)) {
            assertThat(left).containsExactly(info);
        }
    }

    @Test
    void archiveAndStateFolderDoNotLieInOneAnother() throws IOException {
        Files.createSymbolicLink(folder.resolve("link"), Path.of("."));
        for (String[] places :
                new String[][] {
                    {"state/archive", "state"},
                    {"link/state/a/b", "state"},
                    {"same", "link/same"},
                    {"archive", "archive/state"}
                }) {
            Holdfast.Finished refused =
                    Holdfast.run(
                            folder,
                            "replicate",
                            "agent.db",
                            "--to",
                            places[0],
                            "--state",
                            places[1]);
            assertThat(refused.exit()).as("%s", List.of(places)).isEqualTo(USAGE);
            assertThat(refused.err("error: ")).contains(" lies in the ");
            assertThat(names()).containsExactly("link");
        }
    }

    @Test
    void anArchiveDoesNotLieInTheStateOfAnotherDatabase() throws IOException {
        Path other = Files.createDirectory(folder.resolve(".other.db-holdfast"));
        Path identity = Files.writeString(other.resolve("writer"), "holdfast writer 1\n");
        for (String place : List.of(".other.db-holdfast", ".other.db-holdfast/spool")) {
            Holdfast.Finished refused =
                    Holdfast.run(folder, "replicate", "agent.db", "--to", place);
            assertThat(refused.exit()).as(place).isEqualTo(USAGE);
            assertThat(refused.err("error: ")).contains("found " + identity.toRealPath());
            assertThat(names()).containsExactly(".other.db-holdfast");
        }
    }

    @Test
    void linksInACircleAreNotWaitedFor() throws IOException {
        Files.createSymbolicLink(folder.resolve("agent.db"), Path.of("other.db"));
        Files.createSymbolicLink(folder.resolve("other.db"), Path.of("agent.db"));
        Holdfast.Finished refused =
                Holdfast.run(folder, "replicate", "agent.db", "--to", "archive");
        assertThat(refused.exit()).isEqualTo(SOURCE_DATABASE);
        assertThat(refused.err("error: ")).contains("agent.db").contains("links");
        assertThat(names()).containsExactly("agent.db", "other.db");
    }

    @Test
    void aStateFolderIsOfOneDatabaseUnlessToldThatItMoved() {
        String[] arguments = {"replicate", "moved.db", "--to", "archive", "--state", "state"};
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        Path state = folder.resolve("state");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Writer other = Writer.start(WriterKind.PYTHON, folder.resolve("moved.db"), 2)) {
            writer.tell("open");
            other.tell("open");
            try (Replication first =
                    Replication.attach(database, archive, "--state", state.toString())) {
                writer.tell("run mixed 5");
                first.stop();
            }
            Holdfast.Finished refused = Holdfast.run(folder, arguments);
            assertThat(refused.exit()).isEqualTo(USAGE);
            assertThat(refused.err("error: ")).contains("agent.db").contains("moved.db");
            assertThat(refused.err("hint: ")).contains("--state").contains("--take-over");
            try (Replication second =
                    Replication.attach(
                            folder.resolve("moved.db"),
                            archive,
                            "--state",
                            state.toString(),
                            "--take-over")) {
                other.tell("run mixed 5");
                second.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(other.states()))
                    .isGreaterThanOrEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDatabaseThatDoesNotExistYetIsWaitedFor(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Replication replication = Replication.start(database, archive);
                Writer writer = Writer.start(kind, database, 1)) {
            assertThat(replication.awaitEvent("waiting").text("why"))
                    .contains("agent.db does not exist yet");
            writer.tell("open");
            replication.awaitFollowing();
            writer.tell("run mixed 20");
            replication.stop();
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThanOrEqualTo(20);
        }
    }

    @Test
    void oneStateFolderHasOneProcess() throws IOException {
        Path database = folder.resolve("agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication first = Replication.attach(database, folder.resolve("archive"))) {
                for (String archive : List.of("archive", "other", "sub/a/b")) {
                    Holdfast.Finished second =
                            Holdfast.run(folder, "replicate", "agent.db", "--to", archive);
                    assertThat(second.exit()).isEqualTo(FENCED);
                    assertThat(second.err("error: "))
                            .contains("another holdfast process")
                            .contains(".agent.db-holdfast");
                    assertThat(names()).contains("archive").doesNotContain("other", "sub");
                }
                writer.tell("run mixed 5");
                first.stop();
            }
        }
    }

    @Test
    void aDatabaseHasOneProcessByWhateverLinkItIsCalled() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), Path.of("data/agent.db"));
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), data);
        Path archive = folder.resolve("archive");
        try (Replication first = Replication.start(link, archive);
                Writer writer = Writer.start(WriterKind.PYTHON, linked.resolve("agent.db"), 1)) {
            first.awaitEvent("waiting"); // the link leads nowhere yet
            writer.tell("open");
            first.awaitFollowing();
            for (Path name : List.of(data.resolve("agent.db"), linked.resolve("agent.db"), link)) {
                Holdfast.Finished second =
                        Holdfast.run(folder, "replicate", name.toString(), "--to", "elsewhere");
                assertThat(second.exit()).as("%s", name).isEqualTo(FENCED);
                assertThat(second.err("error: ")).contains("data/.agent.db-holdfast");
            }
            writer.tell("run mixed 10");
            first.stop();
        }
        assertThat(Holdfast.run(folder, "status", linked + "/agent.db").exit()).isZero();
    }

    @Test
    void aSecondWriterIsRefusedAndOneThatTakesOverFencesTheFirst() throws IOException {
        Path archive = folder.resolve("archive");
        Path mine = folder.resolve("mine.db");
        Path yours = folder.resolve("yours.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, mine, 1);
                Writer other = Writer.start(WriterKind.PYTHON, yours, 2)) {
            writer.tell("open");
            other.tell("open");
            try (Replication first = Replication.attach(mine, archive)) {
                writer.tell("run mixed 5");
                first.awaitEvent("snapshot");
                Holdfast.Finished refused =
                        Holdfast.run(folder, "replicate", "yours.db", "--to", "archive");
                assertThat(refused.exit()).isEqualTo(FENCED);
                assertThat(refused.err("error: ")).contains("writer ").contains("archive");
                assertThat(names()).doesNotContain(".yours.db-holdfast");
                assertThat(refused.err("hint: ")).contains("--take-over");

                try (Replication second = Replication.attach(yours, archive, "--take-over")) {
                    other.tell("run mixed 10");
                    second.awaitEvent("snapshot");
                    writer.tell("run mixed 5");
                    Holdfast.Finished fenced = first.awaitEnd();
                    assertThat(fenced.exit()).isEqualTo(FENCED);
                    assertThat(fenced.err("error: ")).contains("writer ");
                    other.tell("run mixed 5");
                    second.stop();
                }
            }
            new EveryTransaction(archive, folder).assertHolds(other.states(), 15);
            assertThat(Holdfast.lines(folder, "history", "--from", "archive"))
                    .extracting(entry -> entry.text("kind"))
                    .contains("base", "claim", "rebase", "commit", "snapshot");
            assertThat(Holdfast.run(folder, "history", "--from", "archive").out())
                    .filteredOn(line -> line.contains("GAP"))
                    .singleElement()
                    .asString()
                    .endsWith(
                            "; this is the database as it was then, and all above stays as it is");
        }
    }
}
