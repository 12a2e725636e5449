package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// WALs written by hand.
class WalFileTest {
    private static final int PAGE = 512;

    @TempDir private Path folder;

    /// A commit as the visitor saw it: page numbers, and the fill of each page.
    private record Seen(long databasePages, List<Long> pages, List<byte[]> images) {
        static Seen of(WalCommit commit) throws IOException {
            List<Long> pages = new ArrayList<>();
            List<byte[]> images = new ArrayList<>();
            commit.forEachPage((number, image) -> {
                pages.add(number);
                images.add(image.toArray(ValueLayout.JAVA_BYTE));
            });
            return new Seen(commit.databasePages(), pages, images);
        }
    }

    static Stream<Arguments> kinds() {
        return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)
                .flatMap(order ->
                        Stream.of(512, 4096, 65536).map(size -> Arguments.of(order, size)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void commitsComeInOrderWithTheirPagesAscending(ByteOrder order, int pageSize)
            throws IOException {
        WalBytes bytes = new WalBytes(pageSize, order, 1, -2);
        bytes.frame(3, 0, 10).frame(1, 3, 11).frame(2, 3, 12);
        List<Seen> seen = new ArrayList<>();
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThat(wal.read(start, bytes.oracle(), commit -> seen.add(Seen.of(commit))))
                    .isEqualTo(new WalStep.Committed(bytes.position(3), 2, 3));
        }
        assertThat(seen).extracting(Seen::pages).containsExactly(List.of(1L, 3L), List.of(2L));
        assertThat(seen.get(0).images())
                .containsExactly(WalBytes.page(pageSize, 11), WalBytes.page(pageSize, 10));
        assertThat(seen.get(1).images()).containsExactly(WalBytes.page(pageSize, 12));
    }

    @Test
    void aPageWrittenTwiceIsHandedOutOnceAsItWasLast() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 0, 1).frame(2, 0, 2).frame(1, 2, 3);
        List<Seen> seen = visit(bytes);
        assertThat(seen.getFirst().pages()).containsExactly(1L, 2L);
        assertThat(seen.getFirst().images().getFirst()).isEqualTo(WalBytes.page(PAGE, 3));
    }

    @Test
    void pagesPastTheNewEndOfTheDatabaseAreLeftOut() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(5, 0, 1).frame(3, 0, 2).frame(1, 2, 3);
        List<Seen> seen = visit(bytes);
        assertThat(seen.getFirst().pages()).containsExactly(1L);
        assertThat(seen.getFirst().databasePages()).isEqualTo(2);
    }

    @Test
    void theLockPageIsNeverHandedOut() throws IOException {
        int lockPage = 0x40000000 / 65536 + 1;
        WalBytes bytes = WalBytes.littleEndian(65536);
        bytes.frame(lockPage + 1, 0, 1).frame(lockPage, 0, 2).frame(lockPage - 1, lockPage + 1, 3);
        assertThat(visit(bytes).getFirst().pages()).containsExactly(lockPage - 1L, lockPage + 1L);
    }

    @Test
    void pageNumbersAreUnsigned() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(-3, 0, 1).frame(7, -2, 2);
        Seen commit = visit(bytes).getFirst();
        assertThat(commit.pages()).containsExactly(7L, 0xffff_fffdL);
        assertThat(commit.databasePages()).isEqualTo(0xffff_fffeL);
    }

    @Test
    void aValidCommitFrameAfterMaxFrameIsNeverVisited() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 2);
        WalIndexHeader oracle = bytes.oracle(1);
        List<Seen> seen = new ArrayList<>();
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(oracle).orElseThrow();
            assertThat(wal.read(start, oracle, commit -> seen.add(Seen.of(commit))))
                    .isEqualTo(new WalStep.Committed(bytes.position(1), 1, 1));
            assertThat(wal.read(bytes.position(1), oracle, this::fail))
                    .isEqualTo(new WalStep.CaughtUp());
        }
        assertThat(seen.getFirst().images()).containsExactly(WalBytes.page(PAGE, 1));
    }

    @Test
    void nothingIsVisitedIfTheLastFrameOfManyCommitsIsDamaged() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE);
        for (int i = 0; i < 5000; i++) {
            bytes.frame(1, 1, i);
        }
        byte[] damaged = bytes.bytes();
        damaged[damaged.length - 1] ^= 1;
        try (WalFile wal = open(damaged)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThat(wal.read(start, bytes.oracle(), this::fail))
                    .isEqualTo(new WalBreak.Torn(5000));
        }
    }

    @Test
    void anUnbrokenChainToAnotherChecksumThanTheOraclesIsAMismatch() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 2);
        WalBytes rewritten = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 3);
        try (WalFile wal = open(rewritten)) {
            assertThat(wal.read(bytes.position(1), bytes.oracle(), this::fail))
                    .isEqualTo(new WalBreak.Mismatch(rewritten.position(2), bytes.position(2)));
        }
    }

    @Test
    void aRangeThatEndsInTheMidstOfATransactionIsAMismatch() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 0, 2).frame(2, 2, 3);
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThat(wal.read(start, bytes.oracle(2), this::fail))
                    .isInstanceOf(WalBreak.Mismatch.class);
        }
    }

    @Test
    void aTailWrittenAnewWithTheSameSaltsIsRewritten() throws IOException {
        WalBytes before = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 2).frame(1, 1, 3);
        WalBytes after = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 4).frame(1, 1, 5);
        after.frame(1, 1, 6);
        WalBreak.Rewritten rewritten = new WalBreak.Rewritten(before.position(3));
        try (WalFile wal = open(after)) {
            assertThat(wal.read(before.position(3), after.oracle(2), this::fail))
                    .isEqualTo(rewritten);
            assertThat(wal.read(before.position(3), after.oracle(3), this::fail))
                    .isEqualTo(rewritten);
            assertThat(wal.read(before.position(3), after.oracle(4), this::fail))
                    .isEqualTo(rewritten);
            assertThat(wal.overlay(before.position(3))).isEqualTo(rewritten);
            assertThat(wal.stillInPlace(before.position(3))).isFalse();
            assertThat(wal.stillInPlace(before.position(1))).isTrue();
        }
    }

    @Test
    void aFileThatIsNewerThanTheOracleIsTornAndNotRewritten() throws IOException {
        WalBytes old = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 2);
        WalBytes reset =
                new WalBytes(PAGE, ByteOrder.LITTLE_ENDIAN, 5, 6).frame(1, 1, 9).frame(1, 1, 9);
        for (byte[] file : List.of(reset.bytes(), new byte[0], Arrays.copyOf(old.bytes(), 600))) {
            try (WalFile wal = open(file)) {
                assertThat(wal.read(old.position(1), old.oracle(), this::fail))
                        .isEqualTo(new WalBreak.Torn(2));
            }
        }
    }

    @Test
    void otherSaltsInTheOracleAreARestart() throws IOException {
        WalBytes old = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        WalBytes reset = new WalBytes(PAGE, ByteOrder.LITTLE_ENDIAN, 5, 6).frame(1, 1, 9);
        try (WalFile wal = open(old)) {
            assertThat(wal.read(old.position(1), reset.oracle(), this::fail))
                    .isEqualTo(new WalBreak.Restarted(5, 6));
            assertThat(wal.start(reset.oracle())).as("the header is not rewritten yet").isEmpty();
        }
    }

    @Test
    void committedFramesThatSqliteLeftUnsealedAreToldApartFromTornOnes() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 0, 2).frame(2, 2, 3);
        byte[] unsealed = bytes.bytes();
        int second = 32 + 24 + PAGE;
        Arrays.fill(unsealed, second + 8, second + 24, (byte) 0);
        try (WalFile wal = open(unsealed)) {
            assertThat(wal.read(bytes.position(1), bytes.oracle(), this::fail))
                    .isEqualTo(new WalBreak.Unsealed(2));
            assertThat(wal.overlay(bytes.position(3))).isEqualTo(new WalBreak.Unsealed(2));
        }
    }

    @Test
    void aSmallRunIsReadFromTheFileOnce() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 0, 1).frame(2, 2, 2);
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            List<Seen> seen = new ArrayList<>();
            wal.read(
                    start,
                    bytes.oracle(),
                    commit -> {
                        Files.write(file(), new byte[bytes.bytes().length]);
                        seen.add(Seen.of(commit));
                    });
            assertThat(seen.getFirst().images())
                    .containsExactly(WalBytes.page(PAGE, 1), WalBytes.page(PAGE, 2));
        }
    }

    @Test
    void aFrameThatChangesBetweenTheTwoPassesIsNotHandedOut() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(65536);
        for (int page = 1; page < 40; page++) {
            bytes.frame(page, 0, page);
        }
        bytes.frame(40, 40, 40);
        byte[] changed = bytes.bytes();
        changed[32 + 3 * (24 + 65536) + 24] ^= 1;
        List<Long> pages = new ArrayList<>();
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThatThrownBy(() ->
                            wal.read(
                                    start,
                                    bytes.oracle(),
                                    commit -> {
                                        Files.write(file(), changed);
                                        commit.forEachPage((number, _) -> pages.add(number));
                                    }))
                    .isInstanceOf(WalChangedException.class)
                    .hasMessageContaining("frame 4");
        }
        assertThat(pages).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aVisitThatThrowsLeavesTheBufferUsable() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThatThrownBy(() ->
                            wal.read(
                                    start,
                                    bytes.oracle(),
                                    _ -> {
                                        throw new IOException("full");
                                    }))
                    .hasMessage("full");
            assertThat(wal.read(start, bytes.oracle(), _ -> {}))
                    .isInstanceOf(WalStep.Committed.class);
        }
    }

    @Test
    void aVisitorCannotReadWithTheBufferItsPagesLieIn() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        try (WalBuffer buffer = new WalBuffer();
                WalFile wal = open(bytes, buffer);
                WalFile other = open(bytes, buffer)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            CommitVisitor nested = _ -> other.read(start, bytes.oracle(), this::fail);
            assertThatThrownBy(() -> wal.read(start, bytes.oracle(), nested))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aCommitIsOverWhenItsVisitIs() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        List<WalCommit> kept = new ArrayList<>();
        try (WalFile wal = open(bytes)) {
            wal.read(wal.start(bytes.oracle()).orElseThrow(), bytes.oracle(), kept::add);
            assertThatThrownBy(() -> kept.getFirst().forEachPage((_, _) -> {}))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aVeryLongRangeIsReadInBatchesThatEndWithACommit() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE);
        int transactions = WalFile.BATCH_FRAMES / 3 * 2;
        for (int i = 0; i < transactions; i++) {
            bytes.frame(1, 0, i).frame(2, 0, i).frame(3, 3, i);
        }
        List<WalStep> steps = new ArrayList<>();
        int[] commits = {0};
        try (WalFile wal = open(bytes)) {
            WalPosition position = wal.start(bytes.oracle()).orElseThrow();
            WalStep step = wal.read(position, bytes.oracle(), _ -> commits[0]++);
            while (step instanceof WalStep.Committed(WalPosition end, _, _)) {
                steps.add(step);
                step = wal.read(end, bytes.oracle(), _ -> commits[0]++);
            }
            assertThat(step).isEqualTo(new WalStep.CaughtUp());
        }
        assertThat(commits[0]).isEqualTo(transactions);
        assertThat(steps).hasSize(2);
    }

    @Test
    void anOverlayOfNoFramesLeavesAllToTheDatabaseFile() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        try (WalFile wal = open(bytes);
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(PAGE);
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            WalOverlay nothing = ((WalOverlayStep.Found) wal.overlay(start)).overlay();
            assertThat(nothing.databasePages()).isEmpty();
            assertThat(nothing.read(1, page)).isFalse();
            WalOverlay overlay = ((WalOverlayStep.Found) wal.overlay(bytes.position(1))).overlay();
            assertThat(overlay.databasePages()).hasValue(1);
            assertThat(overlay.contains(1)).isTrue();
            assertThat(overlay.contains(2)).isFalse();
            assertThat(overlay.read(1, page)).isTrue();
            Files.write(file(), new byte[bytes.bytes().length]);
            assertThatThrownBy(() -> overlay.read(1, page)).isInstanceOf(WalChangedException.class);
        }
    }

    @Test
    void thePlaceOfAHeaderIsCheckedToo() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1);
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            assertThat(wal.stillInPlace(start)).isTrue();
            assertThat(wal.stillInPlace(bytes.position(1))).isTrue();
            Files.write(file(), new byte[0]);
            assertThat(wal.stillInPlace(start)).isFalse();
            assertThat(wal.stillInPlace(bytes.position(1))).isFalse();
        }
    }

    @Test
    void aPlaceThatTheOracleDoesNotVouchForIsNotInPlace() throws IOException {
        WalBytes bytes = WalBytes.littleEndian(PAGE).frame(1, 1, 1).frame(1, 1, 2);
        WalBytes later = new WalBytes(PAGE, ByteOrder.LITTLE_ENDIAN, 0x11223345, 1).frame(1, 1, 1);
        try (WalFile wal = open(bytes)) {
            assertThat(wal.stillInPlace(bytes.position(1), bytes.oracle(1))).isTrue();
            assertThat(wal.stillInPlace(bytes.position(1), bytes.oracle())).isTrue();
            assertThat(wal.stillInPlace(bytes.position(2), bytes.oracle(1))).isFalse();
            assertThat(wal.stillInPlace(bytes.position(1), later.oracle())).isFalse();
        }
        try (WalFile wal = open(WalBytes.littleEndian(PAGE).frame(1, 1, 3))) {
            assertThat(wal.stillInPlace(bytes.position(1), bytes.oracle(1))).isFalse();
        }
    }

    @Test
    void aWalThatDoesNotExistSaysSo() {
        assertThatThrownBy(() -> WalFile.open(file())).isInstanceOf(NoSuchFileException.class);
    }

    private void fail(WalCommit commit) {
        throw new AssertionError("visited " + commit.end());
    }

    private List<Seen> visit(WalBytes bytes) throws IOException {
        List<Seen> seen = new ArrayList<>();
        try (WalFile wal = open(bytes)) {
            WalPosition start = wal.start(bytes.oracle()).orElseThrow();
            wal.read(start, bytes.oracle(), commit -> seen.add(Seen.of(commit)));
        }
        return seen;
    }

    private Path file() {
        return folder.resolve("w.db-wal");
    }

    private WalFile open(WalBytes bytes) throws IOException {
        return open(bytes.bytes());
    }

    private WalFile open(byte[] bytes) throws IOException {
        return WalFile.open(Files.write(file(), bytes));
    }

    private WalFile open(WalBytes bytes, WalBuffer buffer) throws IOException {
        return WalFile.open(Files.write(file(), bytes.bytes()), buffer);
    }
}
