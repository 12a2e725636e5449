package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.SidecarException.CorruptArchive;
import dev.holdfast.format.failure.SidecarException.NoSuchPoint;
import dev.holdfast.restore.KnownArchive.SegmentPlace;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.restore.verify.Verdict;
import dev.holdfast.restore.verify.Verifier;
import dev.holdfast.restore.verify.VerifyProgress;
import dev.holdfast.restore.verify.VerifyReport;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Everything that can be wrong with one or two objects of a small archive, without a gap. Verify
/// names the object; a restore gives exactly the right database, or names the object and leaves
/// nothing.
///
/// With `MATRIX=full` every bit of every byte is flipped, every object is cut off at every length,
/// and every transaction is restored each time, which takes an hour and more; with the name of an
/// object, such as `MATRIX=archive.json`, all bits of that one; else one bit of every byte, by the
/// seed, every fourth length, and one transaction in turn for some of them.
@Timeout(3 * 60 * 60)
final class DamageMatrixTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final String MATRIX = System.getProperty("matrix", "");
    private static final boolean IS_FULL = MATRIX.equals("full");

    /// Requests of a verification or a restore of the archive as it should be: below 50.
    private static final long MAX_READS = 200;

    /// In the header of a segment: flags, the low bytes of first transaction and record count, and
    /// one of the last time in which a bit is hours.
    private static final int[] OF_A_PLAN = {5, 79, 83, 98};

    @TempDir private Path folder;

    private final KnownArchive archive = write(SEED);

    /// @param named what verify must name, and of which a restore names one; none if it can't be
    ///   seen
    /// @param lastTx the newest transaction that is left, if what is newer can't be missed
    private record Damage(String what, StoredObjects objects, List<String> named, long lastTx) {}

    private static KnownArchive write(long seed) {
        try {
            return KnownArchive.write(seed, Codec.ZSTD, Codec.LZ4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Damage damage(String what, StoredObjects objects, String... named) {
        return new Damage(what, objects, List.of(named), archive.lastTx());
    }

    private void verify(Damage damage) throws IOException {
        InMemoryObjectStore store = damage.objects().store();
        VerifyReport report =
                new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1)).verify();
        if (!damage.named().isEmpty()) {
            assertThat(report.verdict()).as(damage.what()).isEqualTo(new Verdict.Violated());
            assertThat(report.findings())
                    .as(damage.what())
                    .extracting(Finding::object)
                    .containsAll(damage.named());
        } else {
            assertThat(report.verdict()).as(damage.what()).isEqualTo(new Verdict.Good());
        }
        checkRequests(store, damage);
    }

    /// A length that lies shows in what is asked for.
    private void checkRequests(InMemoryObjectStore store, Damage damage) {
        assertThat(store.requests(InMemoryObjectStore.Request.READ))
                .as(damage.what())
                .isLessThan(MAX_READS);
        assertThat(store.largestRead())
                .as(damage.what())
                .isLessThanOrEqualTo(
                        Math.max(ArchiveInfo.MAX_BYTES + 1, damage.objects().largest()));
    }

    private void restoreAll(Damage damage) throws IOException {
        for (long tx = 0; tx <= archive.lastTx(); tx++) {
            restore(damage, tx);
        }
    }

    /// @param tx 0 for the newest
    private void restore(Damage damage, long tx) throws IOException {
        InMemoryObjectStore store = damage.objects().store();
        Target target = tx == 0 ? new Target.Latest() : new Target.AtTx(tx);
        long wanted = tx == 0 ? damage.lastTx() : tx;
        String what = target + " with " + damage.what();
        Path place = Files.createTempDirectory(folder, "out");
        try {
            byte[] restored = Restores.bytes(store, target, place);
            assertThat(Arrays.equals(restored, archive.database(wanted))).as(what).isTrue();
        } catch (CorruptArchive e) {
            String message = String.valueOf(e.getMessage());
            assertThat(damage.named()).as("%s: %s", what, message).anyMatch(message::contains);
        } catch (NoSuchPoint e) {
            boolean isGone = tx > damage.lastTx() || hasLostSnapshot(damage);
            assertThat(isGone).as("%s: %s", what, e.getMessage()).isTrue();
        }
        assertThat(Restores.namesIn(place)).as(what).isEmpty();
        Files.delete(place);
        checkRequests(store, damage);
    }

    private boolean hasLostSnapshot(Damage damage) {
        return archive.objects().names().stream()
                .anyMatch(name ->
                        name.startsWith(ObjectNames.SNAPSHOTS)
                                && !damage.objects().contents().containsKey(name));
    }

    private void check(Damage damage) throws IOException {
        verify(damage);
        restoreAll(damage);
    }

    /// @param turn which of many like it this is
    private void check(Damage damage, int turn) throws IOException {
        verify(damage);
        if (IS_FULL) {
            restoreAll(damage);
        } else if (turn % 5 == 0) {
            restore(damage, turn / 5 % (archive.lastTx() + 1));
        }
    }

    @Test
    void everyBitOfEveryObjectIsSeenAndNeverRestored() {
        for (String name : archive.objects().names()) {
            boolean isEachFlipped = IS_FULL || name.equals(MATRIX);
            IntStream.range(0, 8 * archive.objects().get(name).length)
                    .filter(bit -> isEachFlipped || bit % 8 == (bit / 8 + SEED) % 8)
                    .parallel()
                    .forEach(bit -> flip(name, bit));
            if (isEachFlipped) {
                System.getLogger(getClass().getName())
                        .log(System.Logger.Level.INFO, "every bit was flipped of " + name);
            }
        }
    }

    private void flip(String name, int bit) {
        try {
            StoredObjects flipped = archive.objects().withFlippedBit(name, bit);
            check(damage("bit " + bit + " of " + name, flipped, name), bit / 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A header is believed for planning by its checksum; the digest that covers it comes later.
    @Test
    void everyHeaderThatLiesUnderARightChecksumIsNeverRestored() {
        for (SegmentPlace segment : archive.places()) {
            IntStream.range(0, 8 * 124)
                    .filter(bit -> IS_FULL || bit % 8 == (bit / 8 + SEED) % 8)
                    .parallel()
                    .forEach(bit -> {
                        try {
                            check(lie(segment, bit), bit / 8);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    /// Not on the snapshot or the segment that contradicts it, and no transaction is said not to be
    /// there.
    @Test
    void everyHeaderThatLiesAboutWhatAPlanIsMadeOfIsBlamedOnItsOwnObject() throws IOException {
        for (SegmentPlace segment : archive.places()) {
            for (int at : OF_A_PLAN) {
                for (int bit = 8 * at; bit < 8 * (at + 1); bit++) {
                    check(lie(segment, bit));
                }
            }
        }
    }

    private Damage lie(SegmentPlace segment, int bit) {
        return damage(
                "bit " + bit + " of the header of segment " + segment.seq(),
                archive.objects().withLyingHeader(segment.object(), segment.begin(), bit),
                segment.object());
    }

    /// It disagrees with the segment behind it, or with a snapshot, and these are good.
    @Test
    void aDamagedDigestIsBlamedOnItsOwnObject() throws IOException {
        for (SegmentPlace end : archive.places()) {
            int bit = 8 * end.end() - 1;
            StoredObjects flipped = archive.objects().withFlippedBit(end.object(), bit);
            check(damage("the digest of segment " + end.seq(), flipped, end.object()));
        }
    }

    /// Where a segment ends, an object may end too: then what is missing begins there.
    @Test
    void everyObjectCutOffAnywhereIsSeen() {
        for (String name : archive.objects().names()) {
            byte[] whole = archive.objects().get(name);
            IntStream.range(0, whole.length)
                    .filter(length -> IS_FULL || length % 4 == SEED % 4 || isEnd(name, length))
                    .parallel()
                    .forEach(length -> cut(name, Arrays.copyOf(whole, length)));
        }
    }

    private boolean isEnd(String name, int length) {
        return archive.places().stream()
                .anyMatch(end -> end.object().equals(name) && end.end() == length);
    }

    private void cut(String name, byte[] rest) {
        String what = name + " cut off at " + rest.length;
        Damage damage = damage(what, archive.objects().with(name, rest), name);
        for (SegmentPlace end : archive.places()) {
            if (end.object().equals(name) && end.end() == rest.length) {
                damage =
                        damage(
                                what,
                                archive.objects().with(name, rest),
                                ObjectNames.log(end.seq() + 1));
            }
        }
        try {
            check(damage, rest.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyObjectThatGrewIsSeen() throws IOException {
        for (String name : archive.objects().names()) {
            byte[] whole = archive.objects().get(name);
            for (int more : new int[] {1, 31, 128, 160, 4096, whole.length}) {
                byte[] grown = Arrays.copyOf(whole, whole.length + more);
                String what = name + " with " + more + " bytes more";
                check(damage(what, archive.objects().with(name, grown), name));
                System.arraycopy(whole, 0, grown, whole.length, Math.min(more, whole.length));
                check(damage(what + " of its own", archive.objects().with(name, grown), name));
            }
        }
    }

    @Test
    void everyTwoObjectsInEachOthersPlaceAreSeen() throws IOException {
        List<String> names = archive.objects().names();
        for (String one : names) {
            for (String other : names) {
                StoredObjects objects = archive.objects();
                StoredObjects swapped =
                        objects.with(one, objects.get(other)).with(other, objects.get(one));
                if (!one.equals(other)) {
                    String swap = one + " and " + other + " swapped";
                    // Without it no other object can be looked at
                    List<String> named =
                            Stream.of(one, other)
                                    .filter(name -> name.equals(ObjectNames.ARCHIVE_INFO))
                                    .findAny()
                                    .map(List::of)
                                    .orElse(List.of(one, other));
                    check(new Damage(swap, swapped, named, archive.lastTx()));
                    String what = one + " copied over " + other;
                    check(damage(what, objects.with(other, objects.get(one)), other));
                }
            }
        }
    }

    @Test
    void everyObjectThatIsEmptyIsSeen() throws IOException {
        for (String name : archive.objects().names()) {
            check(damage("empty " + name, archive.objects().with(name, new byte[0]), name));
        }
    }

    /// Undetectable, by design: that a snapshot is missing, as none is needed for the log to be
    /// whole, and that the log once went on behind its end (`docs/format.md`, section 6).
    @Test
    void everyObjectThatIsMissingIsSeenButASnapshotAndTheEnd() throws IOException {
        for (String name : archive.objects().names()) {
            StoredObjects objects = archive.objects().without(name);
            String what = "no " + name;
            if (name.equals(KnownArchive.TAIL)) {
                check(new Damage(what, objects, List.of(), archive.lastTx() - 1));
            } else if (name.startsWith(ObjectNames.SNAPSHOTS)) {
                check(new Damage(what, objects, List.of(), archive.lastTx()));
            } else {
                check(damage(what, objects, name));
            }
        }
    }

    @Test
    void everyObjectOfAnotherArchiveIsSeen() throws IOException {
        KnownArchive other = write(SEED + 1);
        for (String name : archive.objects().names()) {
            StoredObjects objects = archive.objects().with(name, other.objects().get(name));
            boolean isInfo = name.equals(ObjectNames.ARCHIVE_INFO);
            // Then each of the others is of another archive than archive.json says
            String named = isInfo ? ObjectNames.log(1) : name;
            Damage damage = damage("a foreign " + name, objects, named);
            verify(damage);
            List<String> restored = isInfo ? archive.objects().names() : List.of(name);
            restoreAll(new Damage(damage.what(), objects, restored, archive.lastTx()));
        }
    }
}
