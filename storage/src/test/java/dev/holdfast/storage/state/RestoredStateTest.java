package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What a restore leaves beside a database, and what the next restore to that place makes of it.
final class RestoredStateTest {
    private static final ArchiveId ARCHIVE = new ArchiveId(1, 2);

    @TempDir private Path parent;

    private Path folder;

    @BeforeEach
    void name() {
        folder = parent.resolve("state");
    }

    @Test
    void whatAnEarlierRestoreLeftIsRemoved() throws IOException {
        RestoredState.create(folder, pages(3, 0));
        assertThat(RestoredState.remove(folder)).isTrue();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void whatAReplicatorWasRefusedWithIsRemovedToo() throws IOException {
        RestoredState.create(folder, pages(3, 0));
        try (StateFolder state = StateFolder.open(folder)) {
            Files.createDirectory(state.spool());
        }
        Files.createFile(folder.resolve("writer.new"));
        assertThat(RestoredState.remove(folder)).isTrue();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void aPlaceWithoutStateIsClear() throws IOException {
        assertThat(RestoredState.remove(folder)).isTrue();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void theStateOfAReplicatorIsNotTouchedThoughItIsAtWork() {
        try (StateFolder state = StateFolder.open(folder)) {
            state.saveIdentity(
                    new WriterIdentity(
                            new ArchiveInfo(ARCHIVE, 5),
                            new WriterId(3),
                            parent.resolve("a.db"),
                            List.of("file:/a")));
            state.savePages(pages(3, 0));
            assertThat(RestoredState.remove(folder)).isFalse();
        }
        RestoredState.create(folder, pages(4, 0));
        assertKept(3);
    }

    @Test
    void aSpoolIsNotTouched() throws IOException {
        RestoredState.create(folder, pages(3, 0));
        Path spooled = Files.createDirectory(folder.resolve("spool")).resolve("1.spool");
        Files.createFile(spooled);
        assertThat(RestoredState.remove(folder)).isFalse();
        assertThat(spooled).exists();
        assertKept(3);
    }

    @Test
    void aPageMapThatAReplicatorHasSavedIsNotTouched() {
        try (StateFolder state = StateFolder.open(folder)) {
            state.savePages(pages(3, 8));
        }
        assertThat(RestoredState.remove(folder)).isFalse();
        assertKept(3);
    }

    @Test
    void aStateThatSomebodyHoldsIsNotTouched() {
        RestoredState.create(folder, pages(3, 0));
        try (StateFolder _ = StateFolder.open(folder)) {
            assertThatThrownBy(() -> RestoredState.remove(folder))
                    .isInstanceOf(SidecarException.Fenced.class);
        }
        assertKept(3);
    }

    @Test
    void aFileIsNoFolderWithoutAWriter() throws IOException {
        Files.createFile(folder);
        assertThatThrownBy(() -> StateFolder.readIdentity(folder))
                .isInstanceOf(SidecarException.LocalFiles.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("it is not a folder");
    }

    @Test
    void somebodysOwnPagesAreNamedAndNothingIsTouched() throws IOException {
        Path own = Files.writeString(Files.createDirectory(folder).resolve("pages"), "my pages");
        assertThatThrownBy(() -> RestoredState.remove(folder))
                .isInstanceOf(SidecarException.LocalFiles.class)
                .hasMessage("%s is not of holdfast: found other content, wanted a page map", own);
        assertThat(own).hasContent("my pages");
        assertThat(folder).isDirectoryNotContaining(file -> !file.equals(own));
    }

    @Test
    void onlyWhatARestoreOrAReplicatorHasMadeIsRemoved() throws IOException {
        RestoredState.create(folder, pages(3, 0));
        for (String name : List.of("lock", "pages.new", "writer.new", "notes")) {
            Files.writeString(folder.resolve(name), "my " + name);
        }
        assertThat(RestoredState.remove(folder)).isTrue();
        assertThat(folder.resolve("pages")).doesNotExist();
        for (String name : List.of("lock", "pages.new", "writer.new", "notes")) {
            assertThat(folder.resolve(name)).hasContent("my " + name);
        }
    }

    @Test
    void whatWasNotWrittenWholeIsRemoved() throws IOException {
        RestoredState.create(folder, pages(3, 0));
        byte[] whole = Files.readAllBytes(folder.resolve("pages"));
        Files.write(folder.resolve("pages.new"), Arrays.copyOf(whole, 100));
        Files.writeString(folder.resolve("writer.new"), "holdfast wri");
        assertThat(RestoredState.remove(folder)).isTrue();
        assertThat(parent).isEmptyDirectory();
    }

    private void assertKept(int pageCount) {
        try (StateFolder state = StateFolder.open(folder)) {
            assertThat(state.pages().orElseThrow().pages().pageCount()).isEqualTo(pageCount);
        }
    }

    private static SavedPages pages(int count, int sourceBytes) {
        PageSize pageSize = new PageSize(512);
        PageMap pages = new PageMap(pageSize);
        pages.resize(count);
        Digest digest = Digest.of(Digest.sha256());
        return new SavedPages(
                ARCHIVE,
                new LogPoint(7, digest, 5, 1_000),
                pageSize,
                pages,
                ByteBuffer.allocate(sourceBytes));
    }
}
