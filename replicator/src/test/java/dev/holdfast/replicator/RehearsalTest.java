package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.storage.InMemoryObjectStore;

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

    private void rehearse(Timekeeper time) {
        Rehearsal.run(
                folder,
                new ArchiveInfo(new ArchiveId(1, 2), 3),
                FollowedDatabase.options(folder.resolve("app.db")),
                new InMemoryObjectStore(),
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
