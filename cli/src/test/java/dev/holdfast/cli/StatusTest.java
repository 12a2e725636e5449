package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What `status` says of a database without a replicate at work.
final class StatusTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir private Path folder;

    private Path database;
    private Path archive;

    @BeforeEach
    void name() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    private interface Filling {
        void with(TestArchive archive) throws IOException;
    }

    private ArchiveInfo fill(Filling filling) throws IOException {
        try (ObjectStore store = FileObjectStore.openForWriting(archive);
                TestArchive filled = new TestArchive(store, 1, new PageSize(512), Codec.ZSTD)) {
            filling.with(filled);
            filled.ship();
            return filled.info();
        }
    }

    private void follow(ArchiveInfo info) {
        try (StateFolder state = StateFolder.open(StateFolder.beside(database))) {
            state.saveIdentity(
                    new WriterIdentity(
                            info, new WriterId(3), database, List.of("file:" + archive)));
        }
    }

    @Test
    void whatWaitsForTheFirstSnapshotIsStoredAndNotDurable() throws IOException {
        follow(fill(it -> it.rebase(RebaseReason.FIRST, 3)));
        assertThat(run("status", database.toString())).isZero();
        assertThat(out())
                .contains("durable    nothing is durable yet")
                .containsPattern("stored     transaction 1 of .*: waits for the first snapshot");
        assertThat(run("status", database.toString(), "--json")).isZero();
        assertThat(out()).contains("\"durable\":null,\"stored\":{\"tx\":1,");
    }

    @Test
    void whatWaitsForTheSnapshotOfANewHistoryIsNotDurable() throws IOException {
        follow(
                fill(it -> {
                    it.rebase(RebaseReason.FIRST, 3);
                    it.snapshot();
                    it.rebase(RebaseReason.CONTINUITY_LOST, 3);
                }));
        assertThat(run("status", database.toString())).isZero();
        assertThat(out())
                .contains("durable    transaction 1 of ")
                .containsPattern("stored     transaction 2 of .*: history began anew");
    }

    @Test
    void anotherArchiveInItsPlaceIsNamedAndNothingIsComparedWithIt() throws IOException {
        ArchiveInfo there = fill(it -> it.rebase(RebaseReason.FIRST, 3));
        ArchiveInfo ours = new ArchiveInfo(new ArchiveId(1, 2), 5);
        follow(ours);
        assertThat(run("status", database.toString())).isEqualTo(40);
        assertThat(err())
                .contains("holds archive " + there.id())
                .contains("belongs to archive " + ours.id());
        assertThat(out())
                .startsWith(
                        "archive    "
                                + ours.id()
                                + " in file:"
                                + archive
                                + "\nstore      can't say")
                .endsWith("\ncaptured   nothing yet\nwaiting    nothing\n");
    }

    @Test
    void whatThisMachineKnowsIsToldThoughTheStoreIsAway() throws IOException {
        follow(new ArchiveInfo(new ArchiveId(1, 2), 5));
        assertThat(run("status", database.toString(), "--json")).isEqualTo(30);
        assertThat(out())
                .contains("\"store_problem\":\"" + archive)
                .contains("\"local\":{\"writer\":\"0000000000000003\",\"captured_tx\":null");
        assertThat(err()).contains("the folder is not there");
    }

    @Test
    void aFileIsNoStateFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(run("status", database.toString(), "--state", file.toString())).isEqualTo(21);
        assertThat(err()).contains(file + ": it is not a folder").doesNotContain("no replicate");
    }

    /// Where both go to one place, as on a terminal.
    @Test
    void whatIsFoundIsToldBeforeWhatIsWrong() throws IOException {
        follow(new ArchiveInfo(new ArchiveId(1, 2), 5));
        PrintStream buffered =
                new PrintStream(new BufferedOutputStream(out), false, StandardCharsets.UTF_8);
        PrintStream direct = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertThat(run(buffered, direct, "status", database.toString())).isEqualTo(30);
        assertThat(out()).containsSubsequence("captured ", "waiting ", "error: ", "hint: ");
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        return run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private static int run(PrintStream out, PrintStream err, String... args) {
        return Main.run(args, StillSurroundings.of(out, err));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
