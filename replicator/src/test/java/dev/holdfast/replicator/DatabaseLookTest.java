package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class DatabaseLookTest {
    @TempDir private Path folder;

    @Test
    void whatIsNotThereIsMissing() throws IOException {
        assertThat(DatabaseLook.at(folder.resolve("app.db"))).isEqualTo(new DatabaseLook.Missing());
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("app.db"));
        assertThat(DatabaseLook.at(link)).isEqualTo(new DatabaseLook.Missing());
    }

    /// As under a folder that may not be searched, which root always may.
    @Test
    void whatCantBeLookedAtIsNotMissing() {
        Path tooLong = folder.resolve("a".repeat(300));
        assertThatThrownBy(() -> DatabaseLook.at(tooLong)).isInstanceOf(FileSystemException.class);
    }

    @Test
    void linksInACircleAreRefused() throws IOException {
        Path loop = folder.resolve("app.db");
        Files.createSymbolicLink(loop, loop);
        for (Path path : List.of(loop, loop.resolve("app.db"))) {
            assertThat(DatabaseLook.at(path))
                    .isInstanceOfSatisfying(
                            DatabaseLook.Refused.class,
                            refused -> assertThat(refused.found()).contains("links"));
        }
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        assertThat(DatabaseLook.at(folder)).isInstanceOf(DatabaseLook.Refused.class);
    }
}
