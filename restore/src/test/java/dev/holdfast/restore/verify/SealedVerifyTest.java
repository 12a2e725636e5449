package dev.holdfast.restore.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.Restores;
import dev.holdfast.restore.SealedArchives;
import dev.holdfast.restore.StoredObjects;
import dev.holdfast.restore.Target;
import dev.holdfast.restore.history.History;
import dev.holdfast.restore.history.HistoryEntry;
import dev.holdfast.restore.history.HistoryQuery;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Sealing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What can be said of an encrypted archive with its key, without one, and with another.
final class SealedVerifyTest {
    private static final long SEED = Long.getLong("seed", 1);

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Identity reader = Identity.generate();

    @TempDir private Path folder;

    private TestArchive written() throws IOException {
        return TestArchive.ofEverything(
                store,
                SEED,
                new PageSize(512),
                Codec.ZSTD,
                new Sealing(List.of(reader.recipient())));
    }

    private static VerifyReport verify(ObjectStore store, Identity... identities) {
        return new Verifier(store, VerifyProgress.NONE, new CountDownLatch(1), List.of(identities))
                .verify();
    }

    @Test
    void itsDigestsAndChainAreCheckedWithoutAKey() throws IOException {
        try (TestArchive archive = written()) {
            VerifyReport report = verify(store);
            assertThat(report.verdict()).isEqualTo(new Verdict.Good());
            assertThat(report.notes()).anyMatch(note -> note.contains("not decoded"));
            assertThat(report.counts().segments()).isEqualTo(archive.lastSeq());
            assertThat(report.counts().states()).isZero();
        }
    }

    @Test
    void itIsDecodedWithAKey() throws IOException {
        try (TestArchive archive = written()) {
            VerifyReport report = verify(store, reader);
            assertThat(report.verdict()).isEqualTo(new Verdict.Good());
            assertThat(report.notes()).isEmpty();
            assertThat(report.counts().transactions()).isEqualTo(archive.lastTx());
            assertThat(report.counts().states()).isGreaterThan(archive.lastTx() / 2);
        }
    }

    @Test
    void eachTurnedByteIsFoundWithoutAKey() throws IOException {
        try (TestArchive _ = written()) {
            StoredObjects good = StoredObjects.of(store);
            for (String name : List.of(ObjectNames.log(3), ObjectNames.snapshot(2))) {
                int length = good.get(name).length;
                for (int at = 0; at < length; at += 29) {
                    InMemoryObjectStore damaged = new InMemoryObjectStore();
                    good.withFlippedBit(name, 8 * at + 3).writeTo(damaged);
                    assertThat(verify(damaged).verdict())
                            .as("%s, byte %d", name, at)
                            .isEqualTo(new Verdict.Violated());
                }
            }
        }
    }

    @Test
    void withTheKeyOfSomebodyElseItCouldNotLook() throws IOException {
        try (TestArchive _ = written()) {
            assertThat(verify(store, Identity.generate()).verdict())
                    .isInstanceOfSatisfying(
                            Verdict.CouldNotLook.class,
                            it -> assertThat(it.why()).contains("opens the data key of log/"));
        }
    }

    @Test
    void whoHasNoKeyIsToldSoByARestore() throws IOException {
        try (TestArchive archive = written()) {
            Target last = new Target.AtTx(archive.lastTx());
            assertThatThrownBy(() -> Restores.bytes(store, last, folder))
                    .isInstanceOfSatisfying(
                            SidecarException.MissingKey.class,
                            it -> assertThat(it.exitCode()).isEqualTo(ExitCode.NO_KEY));
            List<Identity> other = List.of(Identity.generate());
            assertThatThrownBy(() -> Restores.bytes(store, last, folder, other))
                    .isInstanceOfSatisfying(
                            SidecarException.WrongKey.class,
                            it -> assertThat(it.exitCode()).isEqualTo(ExitCode.NO_KEY));
            assertThat(Restores.namesIn(folder)).isEmpty();
        }
    }

    @Test
    void itsHistoryIsToldToWhoHasAKey() throws IOException {
        try (TestArchive archive = written()) {
            List<HistoryEntry> entries = new ArrayList<>();
            History.read(store, List.of(reader), HistoryQuery.ALL, entries::add);
            long records =
                    entries.stream()
                            .filter(entry ->
                                    entry instanceof HistoryEntry.Commit
                                            || entry instanceof HistoryEntry.Base)
                            .count();
            assertThat(records).isEqualTo(archive.lastTx());
        }
    }

    /// Whoever may write to the store can make one that says of itself that it is right.
    @Test
    void aSnapshotInTheClearDoesNotTakeThePlaceOfWhatWasEncrypted() throws IOException {
        try (TestArchive archive = written()) {
            assertThat(SealedArchives.forgeSnapshot(store, archive))
                    .isEqualTo(ObjectNames.snapshot(archive.lastSeq() + 1));
            Target last = new Target.AtTx(archive.lastTx());
            assertThatThrownBy(() -> Restores.bytes(store, last, folder, List.of(reader)))
                    .isInstanceOf(SidecarException.CorruptArchive.class)
                    .hasMessageContaining(ObjectNames.snapshot(archive.lastSeq() + 1))
                    .hasMessageContaining("sealed");
            assertThat(verify(store, reader).verdict()).isEqualTo(new Verdict.Violated());
            assertThat(verify(store).verdict()).isEqualTo(new Verdict.Violated());
        }
    }

    /// Nothing in the log leads to it.
    @Test
    void aTurnedByteOfAFurtherWrapIsFoundWithoutAKey() throws Exception {
        try (TestArchive _ = written()) {
            SealedArchives.addKey(store, reader, Identity.generate().recipient());
            StoredObjects good = StoredObjects.of(store);
            assertThat(verify(store).verdict()).isEqualTo(new Verdict.Good());
            List<String> keys = good.names().stream().filter(ObjectNames::isKey).toList();
            assertThat(keys).isNotEmpty();
            for (String key : keys) {
                for (int at = 0; at < good.get(key).length; at += 7) {
                    VerifyReport report = verify(good.withFlippedBit(key, 8 * at).store());
                    assertThat(report.verdict()).isEqualTo(new Verdict.Violated());
                    assertThat(report.findings()).extracting(Finding::object).containsExactly(key);
                }
            }
        }
    }
}
