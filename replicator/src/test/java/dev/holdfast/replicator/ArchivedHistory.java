package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.RecordVisitor;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What an archive says of a database: every transaction after its newest snapshot's point, applied
/// one after another, each held against its state checksum.
///
/// @param versions `user_version` at the snapshot's point and after each transaction that follows
/// @param database its pages at the end
/// @param kinds of all segments, from the first one
record ArchivedHistory(
        List<Integer> versions, ByteBuffer database, List<SegmentHeader> kinds, long snapshotTx) {

    static ArchivedHistory read(ObjectStore store) throws IOException, FormatException {
        return read(store, 0);
    }

    /// The same for a reader who may open what is encrypted.
    static ArchivedHistory read(ObjectStore store, Identity identity)
            throws IOException, FormatException {
        return read(store, 0, List.of(identity));
    }

    /// Holds all that the archive says against what the application has committed, up to its last
    /// transaction.
    static void assertHolds(Application application, ObjectStore store)
            throws IOException, FormatException {
        read(store).assertHolds(application);
    }

    /// As [#assertHolds(Application, ObjectStore)].
    void assertHolds(Application application) throws IOException {
        ArchivedHistory history = this;
        List<Integer> committed = application.committed();
        int from = committed.size() - history.versions.size();
        assertThat(from).isNotNegative();
        assertThat(history.versions).isEqualTo(committed.subList(from, committed.size()));
        assertThat(history.database).isEqualTo(application.pages());
    }

    /// @param snapshotIndex 0 for the newest snapshot, 1 for the one before, and so on
    static ArchivedHistory read(ObjectStore store, int snapshotIndex)
            throws IOException, FormatException {
        return read(store, snapshotIndex, List.of());
    }

    private static ArchivedHistory read(
            ObjectStore store, int snapshotIndex, List<Identity> identities)
            throws IOException, FormatException {
        if (!(Archive.open(store) instanceof OpenOutcome.Found(Archive found))) {
            throw new AssertionError("no archive");
        }
        Archive archive = found.with(KeyRing.of(identities, store));
        List<SegmentHeader> segments = new ArrayList<>();
        try (LogReader log = archive.log(1)) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                log.verify();
                segments.add(next.get());
            }
        }
        SnapshotReader snapshot = archive.snapshot(archive.snapshots().get(snapshotIndex));
        States states = new States(snapshot);
        try (LogReader log = archive.log(snapshot.header().replayFrom())) {
            for (Optional<SegmentHeader> next = log.next(); next.isPresent(); next = log.next()) {
                log.decode(states);
            }
        }
        return new ArchivedHistory(
                states.versions,
                ByteBuffer.wrap(states.database),
                segments,
                snapshot.footer().tx());
    }

    /// Applies pages, and looks at each state.
    private static final class States implements RecordVisitor {
        private final PageSize pageSize;
        private final PageMap hashes;
        private final long snapshotTx;
        private final long snapshotChecksum;
        private final List<Integer> versions = new ArrayList<>();
        private byte[] database;

        States(SnapshotReader snapshot) throws IOException, FormatException {
            pageSize = snapshot.header().pageSize();
            snapshotTx = snapshot.footer().tx();
            snapshotChecksum = snapshot.stateChecksum();
            database = new byte[(int) snapshot.footer().pagesCopied() * pageSize.bytes()];
            try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
                for (int block = 0; block < snapshot.blockCount(); block++) {
                    MemorySegment raw = blocks.read(block);
                    MemorySegment.copy(
                            raw,
                            ValueLayout.JAVA_BYTE,
                            0,
                            database,
                            (int) pageSize.offsetOf(snapshot.firstPage(block)),
                            snapshot.rawBytes(block));
                }
            }
            hashes = new PageMap(pageSize);
            for (int page = 1; page <= database.length / pageSize.bytes(); page++) {
                rehash(page);
            }
            hashes.resize(database.length / pageSize.bytes());
            if (snapshot.header().replayFrom() > snapshot.footer().consistentAt()) {
                check(snapshotTx, snapshotChecksum);
                versions.add(version());
            }
        }

        private void rehash(int page) {
            hashes.set(
                    page,
                    PageHash.of(
                            MemorySegment.ofArray(database),
                            pageSize.offsetOf(page),
                            pageSize.bytes(),
                            page));
        }

        private int version() {
            return database.length == 0 ? 0 : ByteBuffer.wrap(database).getInt(60);
        }

        private void check(long tx, long wanted) {
            if (hashes.checksum() != wanted) {
                throw new AssertionError(
                        "state checksum of transaction %d: found %016x, wanted %016x"
                                .formatted(tx, hashes.checksum(), wanted));
            }
        }

        private void resize(int bytes) {
            database = bytes == database.length ? database : Arrays.copyOf(database, bytes);
        }

        @Override
        public void page(long pageNumber, MemorySegment image) {
            int from = (int) pageSize.offsetOf(pageNumber);
            int bytes = pageSize.bytes();
            resize(Math.max(database.length, from + bytes));
            MemorySegment.copy(image, ValueLayout.JAVA_BYTE, 0, database, from, bytes);
            rehash((int) pageNumber);
        }

        @Override
        public void end(long tx, RecordHeader header) {
            if (header.rebase().isPresent()) {
                throw new AssertionError("transaction " + tx + " is a rebase");
            }
            resize((int) header.databasePages() * pageSize.bytes());
            hashes.resize(header.databasePages());
            if (tx == snapshotTx) {
                check(tx, snapshotChecksum);
                versions.add(version());
            }
            if (tx > snapshotTx) {
                check(tx, header.stateChecksum().orElseThrow());
                versions.add(version());
            }
        }
    }
}
