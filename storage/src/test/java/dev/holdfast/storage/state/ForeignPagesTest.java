package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException.LocalFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A folder that is named as the state folder, and holds a file `pages` of its own.
final class ForeignPagesTest {
    @TempDir private Path folder;

    @Test
    void itIsRefusedAndStaysAsItIs() throws IOException {
        Path pages = folder.resolve("pages");
        for (String content : new String[] {"my pages", "HFP", ""}) {
            Files.writeString(pages, content);
            assertThatExceptionOfType(LocalFiles.class)
                    .isThrownBy(() -> StateFolder.refuseForeign(folder))
                    .withMessage(
                            "%s is not of holdfast: found other content, wanted a page map", pages)
                    .satisfies(refused -> assertThat(refused.remedy()).contains("Name another"));
            assertThat(folder).isDirectoryNotContaining(file -> !file.equals(pages));
            assertThat(pages).hasContent(content);
        }
    }

    @Test
    void aFolderWithoutOneOrNoFolderAtAllIsNotRefused() {
        StateFolder.refuseForeign(folder);
        StateFolder.refuseForeign(folder.resolve("state"));
    }

    /// It costs a rebase, and nothing is lost with it.
    @Test
    void aDamagedPageMapOfAWriterIsNotRefused() throws IOException {
        try (StateFolder state = StateFolder.open(folder)) {
            state.saveIdentity(
                    new WriterIdentity(
                            new ArchiveInfo(new ArchiveId(1, 2), 5),
                            new WriterId(3),
                            folder.resolve("a.db"),
                            List.of("file:/a")));
        }
        Files.writeString(folder.resolve("pages"), "damaged");
        StateFolder.refuseForeign(folder);
    }
}
