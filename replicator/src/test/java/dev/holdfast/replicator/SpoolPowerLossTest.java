package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Digest;
import dev.holdfast.storage.CrashingFiles;
import dev.holdfast.storage.LimitedDisk;
import dev.holdfast.storage.archive.SegmentWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A spool, and a loss of power after any number of actions.
final class SpoolPowerLossTest {
    private static final int ROUNDS = 400;
    private static final int ENTRIES = 9;
    private static final int MOST_ACTIONS = 40;

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    @Test
    void whatWasForcedIsThereInOrderAndNothingElse() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        int kept = 0;
        for (int round = 0; round < ROUNDS; round++) {
            kept += loseAndLook(new SplittableRandom(seed + round), round);
        }
        assertThat(kept).isGreaterThan(ROUNDS);
    }

    private int loseAndLook(SplittableRandom random, int round) throws IOException {
        Path before = Files.createDirectory(folder.resolve("before-" + round));
        Path after = Files.createDirectory(folder.resolve("after-" + round));
        CrashingFiles files = new CrashingFiles(before, random.nextInt(MOST_ACTIONS));
        List<Digest> forced = new ArrayList<>();
        try (Spool spool = Spool.open(before.resolve("spool"), files, TestSpool.FILE_BYTES);
                SegmentWriter writer = TestSpool.segmentWriter()) {
            for (int i = 0; i < ENTRIES; i++) {
                TestSpool.append(spool, writer);
                forced.add(spool.last().orElseThrow().digest());
            }
        } catch (CrashingFiles.PowerLost _) {
            // that is what is tried
        }
        files.crash(random, after);
        try (Spool found =
                Spool.open(after.resolve("spool"), new LimitedDisk(), TestSpool.FILE_BYTES)) {
            List<Digest> digests = found.from(1).stream().map(SpoolEntry::digest).toList();
            assertThat(digests.stream().limit(forced.size()).toList()).isEqualTo(forced);
            // The one that was being written may be whole by chance
            assertThat(digests.size()).isLessThanOrEqualTo(forced.size() + 1);
        }
        return forced.size();
    }
}
