package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.CrashingFiles;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.RecordingFiles;
import dev.holdfast.storage.archive.SegmentWriter;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Files of the spool that are given back: none too early, and whatever fails meanwhile, none that
/// is needed becomes unreachable behind one that is not.
final class SpoolRemovalTest {
    private static final int ENTRIES = 9;
    private static final int ROUNDS = 60;

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    private static void fill(Spool spool) throws IOException {
        try (SegmentWriter writer = TestSpool.segmentWriter()) {
            for (int i = 0; i < ENTRIES; i++) {
                TestSpool.append(spool, writer);
            }
        }
    }

    @Test
    void aFileThatCannotBeRemovedKeepsNoneBehindItFromBeingFound() throws IOException {
        Path path = folder.resolve("spool");
        RecordingFiles files = new RecordingFiles(path);
        try (Spool spool = Spool.open(path, files, TestSpool.FILE_BYTES)) {
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
            try (Spool spool = Spool.open(before.resolve("spool"), files, TestSpool.FILE_BYTES)) {
                fill(spool);
                spool.removeThrough(random.nextLong(ENTRIES));
            }
            files.crash(random, after);
            assertLastIsFound(after.resolve("spool"));
        }
    }

    @Test
    void nothingIsGivenBackThatIsNotDurableOrThatTheSavedPageMapDoesNotHave() throws IOException {
        try (StateFolder state = StateFolder.open(folder.resolve("state"));
                Spool spool = Spool.open(state.spool(), new LimitedDisk(), TestSpool.FILE_BYTES);
                LogWriter log =
                        new LogWriter(
                                TestSpool.ARCHIVE.id(),
                                new WriterId(7),
                                Codec.ZSTD,
                                Timekeeper.system(),
                                spool,
                                LogPoint.beginning(TestSpool.ARCHIVE),
                                SourcePosition.NOWHERE,
                                () -> {},
                                _ -> {})) {
            ShippedMark mark = new ShippedMark(LogPoint.beginning(TestSpool.ARCHIVE));
            PageKeeper keeper =
                    new PageKeeper(
                            state, spool, TestSpool.ARCHIVE.id(), mark::seq, Timekeeper.system());
            TestSpool.addBase(log);
            keeper.saveIfDue(log);
            assertThat(state.pages().map(SavedPages::point)).contains(log.end());
            for (int i = 0; i < 10; i++) {
                TestSpool.addBase(log);
            }
            mark.advanceTo(spool.entry(11).orElseThrow().point());
            keeper.saveIfDue(log);
            assertThat(firstSeq(spool)).as("the map is saved at 1").isEqualTo(1);
            keeper.save(log);
            keeper.saveIfDue(log);
            assertThat(firstSeq(spool)).as("the newest file stays").isBetween(8L, 11L);
            for (int i = 0; i < 10; i++) {
                TestSpool.addBase(log);
            }
            long first = firstSeq(spool);
            keeper.save(log);
            keeper.saveIfDue(log);
            assertThat(firstSeq(spool)).as("durable up to 11").isBetween(first, 12L);
            mark.advanceTo(spool.entry(21).orElseThrow().point());
            keeper.saveIfDue(log);
            assertThat(firstSeq(spool)).as("durable up to 21").isBetween(18L, 21L);
        }
    }

    private static long firstSeq(Spool spool) {
        return spool.first().orElseThrow().seq();
    }

    private static void assertLastIsFound(Path path) throws IOException {
        try (Spool found = Spool.open(path, new LimitedDisk(), TestSpool.FILE_BYTES)) {
            assertThat(found.last()).map(SpoolEntry::seq).contains((long) ENTRIES);
        }
    }
}
