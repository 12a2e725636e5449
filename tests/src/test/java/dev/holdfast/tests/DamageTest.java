package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// An archive whose objects are not what was written: `verify` names the object, `restore` refuses
/// and leaves nothing, and neither changes anything. Replayed with `SEED=`.
final class DamageTest {
    private static final int VIOLATED = 1;
    private static final int COULD_NOT_LOOK = 2;
    private static final int CORRUPT_ARCHIVE = 40;
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private static Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);

    @TempDir private Path scratch;

    /// One object of each kind.
    enum Victim {
        ARCHIVE_INFO,
        FIRST_LOG_OBJECT,
        MIDDLE_LOG_OBJECT,
        SNAPSHOT;

        Path in(Path archive) {
            return switch (this) {
                case ARCHIVE_INFO -> archive.resolve("archive.json");
                case FIRST_LOG_OBJECT -> filesIn(archive.resolve("log")).getFirst();
                case MIDDLE_LOG_OBJECT -> {
                    List<Path> objects = filesIn(archive.resolve("log"));
                    yield objects.get(objects.size() / 2);
                }
                case SNAPSHOT -> filesIn(archive.resolve("snapshots")).getFirst();
            };
        }
    }

    @BeforeAll
    static void makeTwoArchives() {
        for (String name : List.of("good", "foreign")) {
            Path database = folder.resolve(name + ".db");
            try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
                writer.tell("open");
                try (Replication replication = Replication.attach(database, folder.resolve(name))) {
                    // With pauses, so that they are shipped in several objects
                    writer.tell("run mixed 30 0 20");
                    replication.stop();
                }
            }
            assertThat(filesIn(folder.resolve(name + "/log"))).hasSizeGreaterThan(4);
        }
    }

    @BeforeEach
    void copyTheGoodOne() throws IOException {
        copy(folder.resolve("good"), scratch.resolve("archive"));
    }

    @ParameterizedTest
    @EnumSource
    void aFlippedBitIsFound(Victim victim) throws IOException {
        Path object = victim.in(scratch.resolve("archive"));
        byte[] bytes = Files.readAllBytes(object);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(object, bytes);
        assertFound(object);
    }

    @ParameterizedTest
    @EnumSource
    void aTruncatedObjectIsFound(Victim victim) throws IOException {
        Path object = victim.in(scratch.resolve("archive"));
        byte[] bytes = Files.readAllBytes(object);
        Files.write(object, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        assertFound(object);
    }

    @ParameterizedTest
    @EnumSource
    void anObjectOfAnotherArchiveIsFound(Victim victim) throws IOException {
        Path object = victim.in(scratch.resolve("archive"));
        Files.write(object, Files.readAllBytes(victim.in(folder.resolve("foreign"))));
        assertFound(object);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ARCHIVE_INFO", "FIRST_LOG_OBJECT", "MIDDLE_LOG_OBJECT"})
    void aMissingObjectIsFound(Victim victim) throws IOException {
        Path object = victim.in(scratch.resolve("archive"));
        Files.delete(object);
        assertViolated();
        assertNotRestored();
    }

    @Test
    void aLogThatIsGoneIsToldByEveryCommandAfterWhatIsLeft() throws IOException {
        removeAll(scratch.resolve("archive/log"));
        assertViolated();
        assertNotRestored();
        Holdfast.Finished status = Holdfast.run(scratch, "status", "--from", "archive");
        assertThat(status.out())
                .contains(
                        "snapshot   none that can be restored",
                        "restorable nothing: the log, or a part of it that is needed, is missing");
        Holdfast.Finished history = Holdfast.run(scratch, "history", "--from", "archive");
        for (Holdfast.Finished told : List.of(status, history)) {
            assertThat(told.exit()).as("%s", told).isEqualTo(CORRUPT_ARCHIVE);
            assertThat(told.err("error: "))
                    .contains("log/0000000000000001.seg")
                    .contains("missing");
            assertThat(told.err("hint: ")).contains("another copy of the archive");
        }
    }

    @Test
    void anArchiveWithoutSnapshotIsNotCalledGood() throws IOException {
        removeAll(scratch.resolve("archive/snapshots"));
        Holdfast.Finished verify = Holdfast.run(scratch, "verify", "--from", "archive");
        assertThat(verify.exit()).isEqualTo(COULD_NOT_LOOK);
        assertThat(verify.out().getFirst()).contains("could not look: nothing can be restored");
        assertThat(verify.out().get(1)).startsWith("hint: Let replicate run until");
    }

    private static void removeAll(Path archiveFolder) throws IOException {
        for (Path object : filesIn(archiveFolder)) {
            Files.delete(object);
        }
    }

    private void assertFound(Path object) {
        Json verdict = assertViolated();
        assertThat(verdict.objects("findings"))
                .as("%s", verdict)
                .extracting(finding -> finding.text("object"))
                .anyMatch(name -> isNamed(name, object));
        assertNotRestored();
    }

    /// A wrong archive.json makes every other object a stranger: any of them may be named.
    private static boolean isNamed(String name, Path object) {
        return object.endsWith(name) || object.endsWith("archive.json");
    }

    private Json assertViolated() {
        Holdfast.Finished verify = Holdfast.run(scratch, "verify", "--from", "archive", "--json");
        assertThat(verify.exit()).as("%s", verify).isEqualTo(VIOLATED);
        Json verdict = verify.json();
        assertThat(verdict.text("verdict")).isEqualTo("violated");
        return verdict;
    }

    private void assertNotRestored() {
        Holdfast.Finished restore =
                Holdfast.run(scratch, "restore", "--from", "archive", "-o", "back.db");
        assertThat(restore.exit()).as("%s", restore).isEqualTo(CORRUPT_ARCHIVE);
        assertThat(restore.err("error: ")).isNotBlank();
        assertThat(restore.err("hint: ")).isNotBlank();
        assertThat(filesIn(scratch)).containsExactly(scratch.resolve("archive"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private static List<Path> filesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
