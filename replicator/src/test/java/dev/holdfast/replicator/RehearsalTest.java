package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

final class RehearsalTest {
    /// Linux: PATH_MAX.
    private static final int MOST_PATH_BYTES = 4_096;

    @TempDir Path folder;

    private final AtomicReference<String> mode = new AtomicReference<>("");

    @Test
    void nothingIsLeftOfARehearsalThatOnlyItsOwnerCouldRead() {
        rehearse(new Timekeeper(this::look, System::nanoTime));
        assertThat(mode.get()).isEqualTo("rwx------");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void nothingIsLeftOfARehearsalThatFailed() {
        Timekeeper broken =
                new Timekeeper(
                        () -> {
                            throw new IllegalStateException("after " + look());
                        },
                        System::nanoTime);
        assertThatThrownBy(() -> rehearse(broken)).isInstanceOf(IllegalStateException.class);
        assertThat(mode.get()).isEqualTo("rwx------");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatCanNotBeRemovedOfAnEarlierOneIsLeftAlone() throws IOException {
        Path upper = deep(folder.resolve("rehearsal"));
        Path lower = deep(folder.resolve("lower"));
        Files.move(folder.resolve("lower"), upper.resolve("lower"));
        assertThat(lower).doesNotExist();
        rehearse(Timekeeper.system());
        assertThat(upper).exists();
        // Longer than a path may be: only in parts can it be removed by the test
        Files.move(upper.resolve("lower"), folder.resolve("lower"));
    }

    /// A folder in folders, whose path is more than half as long as a path may be.
    private static Path deep(Path top) throws IOException {
        Path deep = top;
        while (deep.toString().length() < MOST_PATH_BYTES / 2 + 100) {
            deep = deep.resolve("x".repeat(200));
        }
        return Files.createDirectories(deep);
    }

    private void rehearse(Timekeeper time) {
        Rehearsal.run(
                folder,
                new ArchiveInfo(new ArchiveId(1, 2), 3),
                FollowedDatabase.options(folder.resolve("app.db")),
                time);
    }

    /// The time, at which the scratch folder is there.
    private Instant look() {
        try {
            mode.set(
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("rehearsal"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Instant.EPOCH;
    }
}
