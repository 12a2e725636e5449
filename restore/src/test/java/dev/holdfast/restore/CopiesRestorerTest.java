package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.copies.CombinedStore;
import dev.holdfast.storage.copies.Copied;
import dev.holdfast.storage.copies.Filling;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// What is damaged in one copy is taken from another, whose objects end elsewhere.
final class CopiesRestorerTest {
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @TempDir private Path folder;

    private KnownArchive known =
            new KnownArchive(new StoredObjects(Map.of()), List.of(), List.of());
    private StoredObjects one = new StoredObjects(Map.of());
    private StoredObjects other = new StoredObjects(Map.of());

    @BeforeEach
    void twoCopies() throws Exception {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        known = KnownArchive.write(seed, Codec.ZSTD, Codec.LZ4);
        one = known.objects();
        other = StoredObjects.of(filled(one.store()));
        assertThat(other.names()).isNotEqualTo(one.names());
    }

    private static InMemoryObjectStore filled(ObjectStore from) throws Exception {
        Archive source = open(from);
        InMemoryObjectStore to = new InMemoryObjectStore();
        assertThat(Archive.create(to, source.info())).isNotNull();
        Filling.Watch watch =
                new Filling.Watch() {
                    @Override
                    public void checkStop() {
                        // to its end
                    }

                    @Override
                    public void stored(Copied.Stored object, long lastSeq) {
                        // as wanted
                    }

                    @Override
                    public void damaged(FormatException snapshot) {
                        throw new AssertionError(snapshot);
                    }
                };
        assertThat(new Filling(source, open(to), watch).run(1)).isPositive();
        return to;
    }

    private static Archive open(ObjectStore store) throws Exception {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive;
        }
        throw new AssertionError("no archive");
    }

    private CopiesRestorer.Result restore(Target target, StoredObjects... copies)
            throws IOException {
        List<ObjectStore> stores = new ArrayList<>();
        for (StoredObjects copy : copies) {
            stores.add(copy.store());
        }
        return new CopiesRestorer(stores, List.of(), Restores::from)
                .restore(RestoreRequest.of(target, folder.resolve("restored.db")));
    }

    private CopiesRestorer.Result assertRestores(long tx, String what, StoredObjects... copies)
            throws IOException {
        Path out = folder.resolve("restored.db");
        CopiesRestorer.Result result = restore(new Target.AtTx(tx), copies);
        assertThat(Files.readAllBytes(out)).as(what).isEqualTo(known.database(tx));
        Files.delete(out);
        Restores.deleteAll(folder.resolve(".restored.db-holdfast"));
        return result;
    }

    private void assertRestoresAll(String what, StoredObjects... copies) throws IOException {
        for (long tx = 1; tx <= known.lastTx(); tx++) {
            assertRestores(tx, what + ", transaction " + tx, copies);
        }
        Path out = folder.resolve("restored.db");
        assertThat(restore(new Target.Latest(), copies)).isNotNull();
        assertThat(Files.readAllBytes(out)).as(what).isEqualTo(known.database(known.lastTx()));
        Files.delete(out);
        Restores.deleteAll(folder.resolve(".restored.db-holdfast"));
    }

    private StoredObjects flipped(StoredObjects copy, String name) {
        return copy.withFlippedBit(name, random.nextInt(8 * copy.get(name).length));
    }

    @Test
    void whateverIsDamagedInOneIsTakenFromTheOther() throws IOException {
        for (String name : one.names()) {
            for (int i = 0; i < 5; i++) {
                StoredObjects damaged = flipped(one, name);
                assertRestoresAll(name, damaged, other);
                assertRestoresAll(name, other, damaged);
            }
        }
    }

    @Test
    void whateverIsMissingOrCutShortInOneIsTakenFromTheOther() throws IOException {
        for (String name : one.names()) {
            byte[] whole = one.get(name);
            byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length));
            assertRestoresAll("without " + name, one.without(name), other);
            assertRestoresAll("cut " + name, one.with(name, cut), other);
        }
        for (String name : other.names()) {
            assertRestoresAll("without " + name, other.without(name), one);
            assertRestoresAll("flipped " + name, flipped(other, name), one);
        }
    }

    /// In one all objects, in the other none; and in each every other segment.
    @Test
    void damageAllOverIsNoReasonEither() throws IOException {
        StoredObjects damaged = one;
        for (String name : one.names()) {
            damaged = flipped(damaged, name);
        }
        assertRestoresAll("all of one", damaged, other);
        StoredObjects even = one;
        StoredObjects odd = one;
        for (KnownArchive.SegmentPlace place : known.places()) {
            // In the body or the digest: a header that can't be read hides what comes behind it
            int bit = random.nextInt(8 * (place.begin() + 128), 8 * place.end());
            if (place.seq() % 2 == 0) {
                even = even.withFlippedBit(place.object(), bit);
            } else {
                odd = odd.withFlippedBit(place.object(), bit);
            }
        }
        assertRestoresAll("each every other segment", even, odd);
    }

    @Test
    void whatIsDamagedInBothIsNamed() throws IOException {
        KnownArchive.SegmentPlace last = known.places().getLast();
        int bit = random.nextInt(8 * (last.begin() + 128), 8 * last.end());
        StoredObjects damaged = one.withFlippedBit(last.object(), bit);
        assertThatThrownBy(() -> restore(new Target.Latest(), damaged, damaged))
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageContaining(last.object());
        assertThat(Restores.namesIn(folder)).isEmpty();
    }

    @Test
    void aSnapshotThatNoCopyHasWholeIsLeftOutForAnOlderOne() throws IOException {
        String newest = ObjectNames.snapshot(5);
        StoredObjects damaged = flipped(one, newest);
        CopiesRestorer.Result result = assertRestores(6, newest, damaged, flipped(other, newest));
        assertThat(result.taken())
                .anySatisfy(taken -> {
                    assertThat(taken.object()).isEqualTo(newest);
                    assertThat(taken.from()).isEmpty();
                });
    }

    /// As after a copy by hand from one whose objects end elsewhere.
    @Test
    void anObjectThatReachesIntoTheNextIsNoReasonEither() throws IOException {
        String first = ObjectNames.log(1);
        assertThat(other.get(first).length).isGreaterThan(one.get(first).length);
        StoredObjects overlapping = one.with(first, other.get(first));
        assertRestoresAll("overlap", overlapping, other);
        assertRestoresAll("overlap alone", overlapping, overlapping);
    }

    /// As where the objects of two copies that were cut otherwise came into one folder.
    @Test
    void objectsThatLieWithinAnotherAreNoReasonEither() throws IOException {
        StoredObjects overlapping = one;
        for (KnownArchive.SegmentPlace place : known.places()) {
            String alone = ObjectNames.log(place.seq());
            if (!alone.equals(place.object())) {
                byte[] object = one.get(place.object());
                overlapping =
                        overlapping.with(
                                alone, Arrays.copyOfRange(object, place.begin(), place.end()));
            }
        }
        assertRestoresAll("within", overlapping, other);
        assertRestoresAll("within alone", overlapping, overlapping);
    }

    /// Whole by themselves, and of another log.
    @Test
    void whatAnotherWriterLeftInOneCopyIsTakenFromTheOther() throws IOException {
        InMemoryObjectStore ours = new InMemoryObjectStore();
        InMemoryObjectStore theirs = new InMemoryObjectStore();
        try (TestArchive a = new TestArchive(ours, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(theirs, seed, new PageSize(512), Codec.ZSTD)) {
            for (TestArchive each : new TestArchive[] {a, b}) {
                each.rebase(RebaseReason.FIRST, 3);
                each.snapshot();
                each.ship();
            }
            a.commits(1);
            a.ship();
            b.commits(2);
            b.snapshot();
            b.ship();
            a.commits(1);
            a.ship();
            StoredObjects whole = StoredObjects.of(ours);
            StoredObjects fork = StoredObjects.of(theirs);
            String segment = ObjectNames.log(2);
            String snapshot = ObjectNames.snapshot(3);
            assertThat(fork.get(segment)).isNotEqualTo(whole.get(segment));
            for (StoredObjects mixed :
                    List.of(
                            whole.with(segment, fork.get(segment)),
                            whole.with(snapshot, fork.get(snapshot)),
                            whole.with(segment, fork.get(segment))
                                    .with(snapshot, fork.get(snapshot)))) {
                CopiesRestorer.Result result = restore(new Target.Latest(), mixed, whole);
                assertThat(result.outcome()).isInstanceOf(RestoreOutcome.Restored.class);
                Path out = folder.resolve("restored.db");
                assertThat(Files.readAllBytes(out)).isEqualTo(a.database(a.lastTx()));
                Files.delete(out);
                Restores.deleteAll(folder.resolve(".restored.db-holdfast"));
            }
        }
    }

    @Test
    void whatTheFirstDoesNotHaveYetIsTakenFromTheOther() throws IOException {
        StoredObjects behind = one.without(KnownArchive.TAIL);
        CopiesRestorer.Result result = assertRestores(known.lastTx(), "behind", behind, other);
        assertThat(result.taken())
                .extracting(CombinedStore.Taken::object)
                .containsExactly(KnownArchive.TAIL);
    }

    @Test
    void aSnapshotThatOnlyTheOtherHasIsTold() throws IOException {
        String snapshot = ObjectNames.snapshot(5);
        CopiesRestorer.Result result = assertRestores(6, snapshot, one.without(snapshot), other);
        assertThat(result.taken())
                .extracting(CombinedStore.Taken::object)
                .containsExactly(snapshot);
        assertThat(assertRestores(6, "both", one, other).taken()).isEmpty();
    }

    @Test
    void whoseArchiveInfoWasTakenIsTold() throws IOException {
        String info = ObjectNames.ARCHIVE_INFO;
        StoredObjects headless = one.without(info);
        for (StoredObjects damaged : List.of(headless, flipped(one, info))) {
            List<CombinedStore.Taken> taken = assertRestores(6, info, damaged, other).taken();
            assertThat(taken).extracting(CombinedStore.Taken::object).containsExactly(info);
            assertThat(taken.getFirst().from()).containsExactly(other.store().location());
            assertThat(taken.getFirst().because()).startsWith(info + ", byte 0: ");
            assertThat(assertRestores(6, info, other, damaged).taken()).isEmpty();
        }
        Path out = folder.resolve("restored.db");
        CopiesRestorer.Result planned =
                new CopiesRestorer(
                                List.of(headless.store(), other.store()), List.of(), Restores::from)
                        .restore(new RestoreRequest(new Target.Latest(), out, false, true));
        assertThat(planned.taken()).extracting(CombinedStore.Taken::object).containsExactly(info);
    }

    @Test
    void aCopyThatCantBeUsedIsToldAndLeftOut() throws IOException {
        StoredObjects empty = new StoredObjects(Map.of());
        CopiesRestorer.Result result = assertRestores(1, "empty", empty, one);
        assertThat(result.unusable()).hasSize(1);
        assertThatThrownBy(() -> restore(new Target.Latest(), empty, empty))
                .isInstanceOf(SidecarException.NoSuchPoint.class);
    }

    @Test
    void archivesThatAreNoCopiesOfEachOtherAreRefused() throws IOException {
        StoredObjects foreign = KnownArchive.write(seed + 1, Codec.ZSTD, Codec.ZSTD).objects();
        assertThatThrownBy(() -> restore(new Target.Latest(), one, foreign))
                .isInstanceOf(SidecarException.BadUsage.class);
    }

    @Test
    void aCopyThatGoesOnWithAnotherLogIsRefused() throws IOException {
        InMemoryObjectStore first = new InMemoryObjectStore();
        InMemoryObjectStore second = new InMemoryObjectStore();
        try (TestArchive a = new TestArchive(first, seed, new PageSize(512), Codec.ZSTD);
                TestArchive b = new TestArchive(second, seed, new PageSize(512), Codec.ZSTD)) {
            a.rebase(RebaseReason.FIRST, 3);
            a.commits(1);
            a.ship();
            b.rebase(RebaseReason.FIRST, 3);
            b.commits(2);
            b.commits(1);
            b.ship();
        }
        assertThatThrownBy(() ->
                        restore(
                                new Target.Latest(),
                                StoredObjects.of(first),
                                StoredObjects.of(second)))
                .isInstanceOf(SidecarException.CorruptArchive.class)
                .hasMessageContaining("different logs");
    }
}
