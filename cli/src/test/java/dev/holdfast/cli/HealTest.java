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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Which places `heal` takes for a copy.
final class HealTest {
    private static final int USAGE = 2;
    private static final int CORRUPT_ARCHIVE = 40;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir private Path folder;

    private Path archive;
    private Path copy;

    @BeforeEach
    void write() throws IOException {
        archive = folder.resolve("archive");
        copy = folder.resolve("copy");
        write(archive, 1);
    }

    private static void write(Path place, long seed) throws IOException {
        try (ObjectStore store = FileObjectStore.openForWriting(place);
                TestArchive written = new TestArchive(store, seed, new PageSize(512), Codec.ZSTD)) {
            written.rebase(RebaseReason.FIRST, 3);
            written.ship();
            written.snapshot();
            written.commits(2);
            written.ship();
        }
    }

    private int heal(Path from, Path to, String... options) {
        out.reset();
        err.reset();
        List<String> args =
                Stream.concat(
                                Stream.of("heal", "--from", from.toString(), "--to", to.toString()),
                                Stream.of(options))
                        .toList();
        return Main.run(
                args.toArray(String[]::new),
                StillSurroundings.of(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static List<String> filesIn(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.map(file -> place.relativize(file).toString()).sorted().toList();
        }
    }

    @Test
    void aStateFolderIsNoPlaceForACopy() throws IOException {
        Path database = folder.resolve("a.db");
        Path state = StateFolder.beside(database);
        try (StateFolder made = StateFolder.open(state)) {
            made.saveIdentity(
                    new WriterIdentity(
                            new ArchiveInfo(new ArchiveId(1, 2), 5),
                            new WriterId(3),
                            database,
                            List.of("file:" + archive)));
        }
        Path spool = Files.createDirectory(state.resolve("spool"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), state);
        List<String> before = filesIn(state);
        for (Path place : List.of(state, spool, link, state.resolve("new/copy"))) {
            for (String option : List.of("--dry-run", "--json")) {
                assertThat(heal(archive, place, option))
                        .as("%s %s", place, option)
                        .isEqualTo(USAGE);
                assertThat(err())
                        .contains(place.toString())
                        .contains("found " + state.resolve("writer"))
                        .contains("a folder elsewhere");
                assertThat(filesIn(state)).isEqualTo(before);
            }
        }
        Path there = state.resolve("copy");
        write(there, 1);
        assertThat(heal(there, copy)).as("from %s: %s", there, err()).isZero();
    }

    /// A file of somebody's own by that name makes no state folder.
    @Test
    void anyOtherFolderIs() throws IOException {
        Files.writeString(Files.createDirectory(copy).resolve("writer"), "of novels");
        assertThat(heal(archive, copy)).as("%s", err()).isZero();
    }

    @Test
    void aCopyThatLacksItsArchiveInfoGetsItBack() throws IOException {
        assertThat(heal(archive, copy)).as("%s", err()).isZero();
        Path info = copy.resolve("archive.json");
        byte[] before = Files.readAllBytes(info);
        Files.delete(info);
        assertThat(heal(archive, copy, "--dry-run")).as("%s", err()).isZero();
        assertThat(out()).startsWith("would create 1 object");
        assertThat(info).doesNotExist();
        assertThat(heal(archive, copy)).as("%s", err()).isZero();
        assertThat(out()).startsWith("created 1 object");
        assertThat(Files.readAllBytes(info)).isEqualTo(before);
        assertThat(heal(archive, copy)).isZero();
        assertThat(out()).contains("nothing is missing");
    }

    @Test
    void anotherLogIsNotGivenTheSourcesArchiveInfo() throws IOException {
        write(copy, 2);
        Files.delete(copy.resolve("archive.json"));
        List<String> before = filesIn(copy);
        for (String option : List.of("--dry-run", "--json")) {
            assertThat(heal(archive, copy, option)).as(option).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(err())
                    .contains("no archive.json")
                    .contains("archive id")
                    .contains("copy of its own archive");
            assertThat(filesIn(copy)).isEqualTo(before);
        }
    }

    @Test
    void aDamagedArchiveInfoIsToBeRemovedAndIsCreatedThen() throws IOException {
        assertThat(heal(archive, copy)).as("%s", err()).isZero();
        Path info = copy.resolve("archive.json");
        Files.writeString(info, "{}\n");
        for (String option : List.of("--dry-run", "--json")) {
            assertThat(heal(archive, copy, option)).as(option).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(err()).contains("remove that object, then heal again");
        }
        Files.delete(info);
        assertThat(heal(archive, copy)).as("%s", err()).isZero();
    }
}
