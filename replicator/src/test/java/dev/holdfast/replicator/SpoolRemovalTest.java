package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.CrashingFiles;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.RecordingFiles;
import dev.holdfast.storage.archive.SegmentWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Files of the spool that are given back: whatever fails meanwhile, none that is needed becomes
/// unreachable behind one that is not.
final class SpoolRemovalTest {
    private static final int ENTRIES = 9;
    private static final int ROUNDS = 60;

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    private static void fill(Spool spool) throws IOException {
        try (SegmentWriter writer = SpoolTest.segmentWriter()) {
            for (int i = 0; i < ENTRIES; i++) {
                SpoolTest.append(spool, writer);
            }
        }
    }

    @Test
    void aFileThatCannotBeRemovedKeepsNoneBehindItFromBeingFound() throws IOException {
        Path path = folder.resolve("spool");
        RecordingFiles files = new RecordingFiles(path);
        try (Spool spool = Spool.open(path, files, SpoolTest.FILE_BYTES)) {
            fill(spool);
            long second = spool.entry(1).orElseThrow().file().firstSeq();
            while (spool.entry(second).orElseThrow().file().firstSeq() == 1) {
                second++;
            }
            files.failOn("delete 0000000000000001", new AccessDeniedException("spool"));
            long through = second - 1;
            assertThatThrownBy(() -> spool.removeThrough(through))
                    .isInstanceOf(AccessDeniedException.class);
            files.heal();
            spool.removeThrough(ENTRIES - 2);
            assertThat(path.resolve("0000000000000001.spool")).doesNotExist();
        }
        assertLastIsFound(path);
    }

    @Test
    void aRemovedFileThatComesBackAfterALossOfPowerKeepsNoneBehindItFromBeingFound()
            throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            Path before = Files.createDirectory(folder.resolve("before-" + round));
            Path after = Files.createDirectory(folder.resolve("after-" + round));
            CrashingFiles files = new CrashingFiles(before, Integer.MAX_VALUE);
            try (Spool spool = Spool.open(before.resolve("spool"), files, SpoolTest.FILE_BYTES)) {
                fill(spool);
                spool.removeThrough(random.nextLong(ENTRIES));
            }
            files.crash(random, after);
            assertLastIsFound(after.resolve("spool"));
        }
    }

    private static void assertLastIsFound(Path path) throws IOException {
        try (Spool found = Spool.open(path, new LimitedDisk(), SpoolTest.FILE_BYTES)) {
            assertThat(found.last()).map(SpoolEntry::seq).contains((long) ENTRIES);
        }
    }
}
