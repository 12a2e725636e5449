package dev.holdfast.restore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.restore.StoredObjects;
import dev.holdfast.storage.Fault;
import dev.holdfast.storage.FaultyObjectStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

final class VerifierTest {
    private static final long SEED = Long.getLong("seed", 1);

    private static VerifyReport verify(ObjectStore store) {
        return new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1)).verify();
    }

    @Test
    void aPlaceWithoutArchiveCouldNotBeLookedAt() {
        assertThat(verify(new InMemoryObjectStore()).verdict())
                .isInstanceOf(Verdict.CouldNotLook.class);
    }

    @Test
    void whatLiesWhereThereIsNoArchiveIsNobodysBusiness() throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.create("passwd", ObjectBody.of(ByteBuffer.allocate(1)));
        assertThat(verify(store).verdict()).isInstanceOf(Verdict.CouldNotLook.class);
        assertThat(verify(store).notes()).isEmpty();
    }

    @Test
    void anArchiveFromWhichNothingCanBeRestoredIsNotCalledGood() throws IOException {
        StoredObjects whole = StoredObjects.ofEverything(SEED, Codec.ZSTD);
        StoredObjects log = whole;
        for (String name : whole.names()) {
            log = name.startsWith(ObjectNames.SNAPSHOTS) ? log.without(name) : log;
        }
        StoredObjects nothing =
                new StoredObjects(
                        Map.of(ObjectNames.ARCHIVE_INFO, whole.get(ObjectNames.ARCHIVE_INFO)));
        for (StoredObjects objects : List.of(log, nothing)) {
            VerifyReport report = verify(objects.store());
            assertThat(report.verdict())
                    .isInstanceOfSatisfying(
                            Verdict.CouldNotLook.class,
                            it -> {
                                assertThat(it.why()).contains("nothing can be restored");
                                assertThat(it.remedy()).contains("first snapshot");
                            });
            assertThat(report.findings()).isEmpty();
        }
        assertThat(verify(log.store()).counts().transactions()).isPositive();
    }

    @Test
    void whateverKeepsItFromLookingComesWithAHint() throws IOException {
        CountDownLatch stopped = new CountDownLatch(0);
        ObjectStore store = StoredObjects.ofEverything(SEED, Codec.ZSTD).store();
        Map<Fault, Double> faults = Map.of(Fault.BEFORE_EFFECT, 1.0);
        for (VerifyReport report :
                List.of(
                        verify(new InMemoryObjectStore()),
                        verify(new FaultyObjectStore(store, SEED, faults, _ -> {})),
                        new Verifier(store, VerifyProgress.NONE, stopped).verify())) {
            assertThat(report.verdict())
                    .isInstanceOfSatisfying(
                            Verdict.CouldNotLook.class,
                            it -> assertThat(it.remedy()).endsWith("."));
        }
    }

    @Test
    void aStoreThatDoesNotAnswerIsNoViolation() throws IOException {
        StoredObjects objects = StoredObjects.ofEverything(SEED, Codec.ZSTD);
        for (long seed = 1; seed <= 20; seed++) {
            Map<Fault, Double> faults = Map.of(Fault.BEFORE_EFFECT, 0.05);
            ObjectStore faulty = new FaultyObjectStore(objects.store(), seed, faults, _ -> {});
            VerifyReport report = verify(faulty);
            assertThat(report.findings()).isEmpty();
            assertThat(report.verdict())
                    .isInstanceOfAny(Verdict.CouldNotLook.class, Verdict.Good.class);
        }
    }

    @Test
    void whatIsStoppedCouldNotLook() throws IOException {
        ObjectStore store = StoredObjects.ofEverything(SEED, Codec.ZSTD).store();
        CountDownLatch stop = new CountDownLatch(1);
        VerifyProgress stopper = (_, _, _) -> stop.countDown();
        assertThat(new Verifier(store, stopper, stop).verify().verdict())
                .isInstanceOf(Verdict.CouldNotLook.class);
    }

    @Test
    void aViolationThatWasSeenBeforeTheStoreFailedIsReported() throws IOException {
        StoredObjects objects = StoredObjects.ofEverything(SEED, Codec.ZSTD);
        String first = "log/0000000000000001.seg";
        CountDownLatch stop = new CountDownLatch(1);
        VerifyReport report =
                new Verifier(
                                objects.withFlippedBit(first, 8_000).store(),
                                (_, _, _) -> stop.countDown(),
                                stop)
                        .verify();
        assertThat(report.verdict()).isEqualTo(new Verdict.Violated());
        assertThat(report.notes()).anyMatch(note -> note.startsWith("not all was looked at"));
    }

    @Test
    void progressCountsEveryObjectOnce() throws IOException {
        StoredObjects objects = StoredObjects.ofEverything(SEED, Codec.LZ4);
        long[] last = {0, 0};
        VerifyProgress progress =
                (_, done, total) -> {
                    assertThat(done).isEqualTo(last[0] + 1);
                    last[0] = done;
                    last[1] = total;
                };
        VerifyReport report =
                new Verifier(objects.store(), progress, new CountDownLatch(1)).verify();
        assertThat(report.verdict()).isEqualTo(new Verdict.Good());
        assertThat(last[0]).isEqualTo(last[1]).isEqualTo(objects.names().size() - 1);
    }
}
