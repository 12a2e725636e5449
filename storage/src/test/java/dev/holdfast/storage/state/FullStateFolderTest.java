package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.LimitedDisk.Failing;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A state folder on a disk that runs full at each change that is made to it, one after the other.
final class FullStateFolderTest {
    private static final ArchiveId ARCHIVE = new ArchiveId(1, 2);
    private static final PageSize PAGE_SIZE = new PageSize(4096);

    /// More than the page map's writer gathers for one write.
    private static final long PAGES = 20_000;

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void whatWasSavedStaysUntilTheNextIsWholeAndNothingIsLeft(Failing failing) throws IOException {
        int change = 1;
        while (hasFailedAt(change, failing)) {
            change++;
        }
        assertThat(change).as("changes that were tried").isGreaterThan(20);
    }

    /// False once there are not so many changes.
    private boolean hasFailedAt(int change, Failing failing) throws IOException {
        Path path = folder.resolve(failing + "-" + change);
        LimitedDisk disk = new LimitedDisk();
        disk.failAt(change, failing);
        try (StateFolder state = open(disk, path)) {
            for (long seq = 1; seq <= 2; seq++) {
                saveIdentity(state, disk, seq);
                savePages(state, disk, seq);
            }
        }
        try (StateFolder found = StateFolder.open(path);
                Stream<Path> files = Files.list(path)) {
            assertThat(found.identity()).contains(identity(2));
            assertThat(seq(found)).contains(2L);
            List<String> names = files.map(file -> "" + file.getFileName()).sorted().toList();
            assertThat(names).containsExactly("lock", "pages", "writer");
        }
        return disk.hasFailed();
    }

    private static StateFolder open(LimitedDisk disk, Path path) {
        try {
            return StateFolder.open(path, disk);
        } catch (SidecarException.LocalFiles e) {
            assertTold(e, path);
            disk.heal();
            return StateFolder.open(path, disk);
        }
    }

    private static void saveIdentity(StateFolder state, LimitedDisk disk, long seq)
            throws IOException {
        try {
            state.saveIdentity(identity(seq));
        } catch (SidecarException.LocalFiles e) {
            assertTold(e, state.path());
            assertThat(state.identity())
                    .isIn(
                            seq == 1 ? Optional.empty() : Optional.of(identity(seq - 1)),
                            Optional.of(identity(seq)));
            assertNothingBeside(state);
            disk.heal();
            state.saveIdentity(identity(seq));
        }
    }

    private static void savePages(StateFolder state, LimitedDisk disk, long seq)
            throws IOException {
        try {
            state.savePages(pages(seq));
        } catch (SidecarException.LocalFiles e) {
            assertTold(e, state.path());
            assertThat(seq(state))
                    .isIn(seq == 1 ? Optional.empty() : Optional.of(seq - 1), Optional.of(seq));
            assertNothingBeside(state);
            disk.heal();
            state.savePages(pages(seq));
        }
    }

    private static void assertTold(SidecarException failure, Path path) {
        assertThat(failure).hasMessageContaining(path.toString());
        assertThat(failure.remedy()).contains("that the disk has room");
    }

    private static void assertNothingBeside(StateFolder state) throws IOException {
        try (Stream<Path> files = Files.list(state.path())) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".new"));
        }
    }

    private static Optional<Long> seq(StateFolder state) {
        return state.pages().map(saved -> saved.point().seq());
    }

    private static WriterIdentity identity(long seq) {
        return new WriterIdentity(
                new ArchiveInfo(ARCHIVE, 5),
                new WriterId(seq),
                Path.of("/data/agent.db"),
                List.of("file:/archive"));
    }

    private static SavedPages pages(long seq) {
        PageMap map = new PageMap(PAGE_SIZE);
        for (long page = 1; page <= PAGES; page++) {
            map.set(page, seq * page);
        }
        map.resize(PAGES);
        return new SavedPages(
                ARCHIVE,
                new LogPoint(seq, Digest.of(Digest.sha256()), seq, seq),
                PAGE_SIZE,
                map,
                ByteBuffer.allocate(48));
    }
}
