package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.CrashingFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// A state folder, and a loss of power after any number of actions.
final class StatePowerLossTest {
    private static final int ROUNDS = 400;
    private static final int SAVES = 5;
    private static final int MOST_ACTIONS = 30;
    private static final PageSize PAGE_SIZE = new PageSize(512);
    private static final ArchiveId ARCHIVE = new ArchiveId(1, 2);

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    @Test
    void whatWasSavedLastIsThereOrWhatWasBeingSaved() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        int saved = 0;
        for (int round = 0; round < ROUNDS; round++) {
            saved += loseAndLook(new SplittableRandom(seed + round), round);
        }
        assertThat(saved).isGreaterThan(ROUNDS);
    }

    private int loseAndLook(SplittableRandom random, int round) throws IOException {
        Path before = Files.createDirectory(folder.resolve("before-" + round));
        Path after = Files.createDirectory(folder.resolve("after-" + round));
        CrashingFiles files = new CrashingFiles(before, random.nextInt(MOST_ACTIONS));
        WriterIdentity identity =
                new WriterIdentity(
                        new ArchiveInfo(ARCHIVE, 5),
                        new WriterId(7),
                        before.resolve("app.db"),
                        List.of("file:/a"));
        boolean isIdentitySaved = false;
        int saved = 0;
        try (StateFolder state = StateFolder.open(before.resolve("state"), files)) {
            state.saveIdentity(identity);
            isIdentitySaved = true;
            for (int i = 1; i <= SAVES; i++) {
                state.savePages(pages(i));
                saved = i;
            }
        } catch (CrashingFiles.PowerLost _) {
            // that is what is tried
        }
        files.crash(random, after);
        look(
                after.resolve("state"),
                isIdentitySaved ? Optional.of(identity) : Optional.empty(),
                saved);
        return saved;
    }

    private static void look(Path state, Optional<WriterIdentity> identity, int saved) {
        try (StateFolder found = StateFolder.open(state)) {
            if (identity.isPresent()) {
                assertThat(found.identity()).isEqualTo(identity);
            }
            Optional<SavedPages> pages = found.pages();
            if (saved > 0) {
                assertThat(pages).isPresent();
                assertThat(pages.orElseThrow().point().seq()).isBetween((long) saved, saved + 1L);
            }
            pages.ifPresent(some ->
                    assertThat(some.pages().checksum())
                            .isEqualTo(map(some.point().seq()).checksum()));
        }
    }

    private static SavedPages pages(long seq) {
        return new SavedPages(
                ARCHIVE,
                new LogPoint(seq, Digest.of(Digest.sha256()), seq, seq),
                PAGE_SIZE,
                map(seq),
                ByteBuffer.allocate(48));
    }

    private static PageMap map(long seq) {
        PageMap map = new PageMap(PAGE_SIZE);
        for (long page = 1; page <= 40 * seq; page++) {
            map.set(page, seq * page);
        }
        map.resize(40 * seq);
        return map;
    }
}
