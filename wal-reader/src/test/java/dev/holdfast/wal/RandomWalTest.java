package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Transactions of any length, in a WAL of any page size, read in any steps, against a model that
/// is a map. `SEED=` replays one.
class RandomWalTest {
    private static final int MAX_FRAMES = 900;

    @TempDir private Path folder;

    /// @param written the fill of the last image of each page, the pages past the new end too
    private record Commit(int frame, long databasePages, TreeMap<Long, Integer> written) {
        /// What is handed out.
        SortedMap<Long, Integer> fills() {
            return written.headMap(databasePages, true);
        }
    }

    @RepeatedTest(40)
    void everyCommitComesOutAsItWentIn(RepetitionInfo repetition) throws IOException {
        long seed = Long.getLong("seed", repetition.getCurrentRepetition());
        SplittableRandom random = new SplittableRandom(seed);
        int pageSize = 512 << random.nextInt(8);
        ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        WalBytes bytes = new WalBytes(pageSize, order, random.nextInt(), random.nextInt());
        List<Commit> commits = write(bytes, random);
        Path file = Files.write(folder.resolve("w.db-wal"), bytes.bytes());
        try (WalFile wal = WalFile.open(file)) {
            WalPosition position = wal.start(bytes.oracle()).orElseThrow();
            int done = 0;
            while (done < commits.size()) {
                int until = random.nextInt(done, commits.size()) + 1;
                List<Commit> wanted = new ArrayList<>(commits.subList(done, until));
                WalIndexHeader oracle = bytes.oracle(wanted.getLast().frame());
                WalStep step =
                        wal.read(
                                position,
                                oracle,
                                found -> check(wanted.removeFirst(), found, pageSize));
                assertThat(wanted).as("seed %d", seed).isEmpty();
                assertThat(step)
                        .as("seed %d", seed)
                        .isEqualTo(
                                new WalStep.Committed(
                                        oracle.end(),
                                        until - done,
                                        oracle.maxFrame() - position.frame()));
                position = oracle.end();
                done = until;
            }
            int last = random.nextInt(commits.size());
            checkOverlay(
                    wal,
                    bytes.position(commits.get(last).frame()),
                    commits.subList(0, last + 1),
                    pageSize);
        }
    }

    private static List<Commit> write(WalBytes bytes, SplittableRandom random) {
        List<Commit> commits = new ArrayList<>();
        int frames = 0;
        int highestPage = random.nextInt(1, 400);
        int budget = random.nextInt(1, MAX_FRAMES);
        while (frames < budget) {
            int length = random.nextInt(4) == 0 ? random.nextInt(1, 500) : random.nextInt(1, 8);
            int databasePages = random.nextInt(1, highestPage + 1);
            boolean isSequential = random.nextBoolean();
            TreeMap<Long, Integer> written = new TreeMap<>();
            for (int i = 1; i <= length; i++) {
                int page = isSequential ? i : random.nextInt(1, highestPage + 1);
                int fill = random.nextInt();
                bytes.frame(page, i == length ? databasePages : 0, fill);
                written.put((long) page, fill);
            }
            frames += length;
            commits.add(new Commit(frames, databasePages, written));
        }
        return commits;
    }

    private static void check(Commit wanted, WalCommit found, int pageSize) throws IOException {
        assertThat(found.databasePages()).isEqualTo(wanted.databasePages());
        assertThat(found.end().frame()).isEqualTo(wanted.frame());
        assertThat(found.pageCount()).isEqualTo(wanted.fills().size());
        List<Long> pages = new ArrayList<>();
        found.forEachPage((number, image) -> {
            pages.add(number);
            int fill = wanted.fills().getOrDefault(number, 0);
            assertThat(image.toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(WalBytes.page(pageSize, fill));
        });
        assertThat(pages).containsExactlyElementsOf(wanted.fills().keySet());
    }

    /// As for a reader of SQLite's, the last frame of a page counts even if the database was
    /// shorter when it was written.
    private static void checkOverlay(
            WalFile wal, WalPosition limit, List<Commit> commits, int pageSize) throws IOException {
        long databasePages = commits.getLast().databasePages();
        TreeMap<Long, Integer> fills = new TreeMap<>();
        commits.forEach(commit -> fills.putAll(commit.written()));
        fills.tailMap(databasePages, false).clear();
        WalOverlay overlay = ((WalOverlayStep.Found) wal.overlay(limit)).overlay();
        assertThat(overlay.databasePages()).hasValue(databasePages);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(pageSize);
            fills.forEach((number, fill) -> {
                assertThat(read(overlay, number, page)).isEqualTo(WalBytes.page(pageSize, fill));
            });
            assertThat(overlay.pageCount()).isEqualTo(fills.size());
            assertThat(overlay.contains(databasePages + 1)).isFalse();
        }
    }

    private static byte[] read(WalOverlay overlay, long number, MemorySegment page) {
        try {
            assertThat(overlay.read(number, page)).isTrue();
            return page.toArray(ValueLayout.JAVA_BYTE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
