package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.restore.keys.KeyAdder;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.archive.SnapshotPoint;
import dev.holdfast.storage.archive.SnapshotWriter;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.Recipient;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// What happens to encrypted archives besides being written.
public final class SealedArchives {
    private SealedArchives() {}

    /// The archive in a store.
    public static Archive open(ObjectStore store) throws IOException, FormatException {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive;
        }
        throw new AssertionError("no archive");
    }

    /// Wraps its data keys for somebody else too.
    ///
    /// @param identity that opens them
    /// @return how many wraps were added
    public static long addKey(ObjectStore store, Identity identity, Recipient later)
            throws IOException, FormatException {
        KeyAdder adder =
                new KeyAdder(
                        open(store).with(KeyRing.of(List.of(identity), store)),
                        later,
                        false,
                        (_, _) -> {},
                        new CountDownLatch(1));
        return adder.run().added();
    }

    /// Puts a snapshot in the clear behind the last segment, that says of itself that it is right.
    ///
    /// @return its name
    public static String forgeSnapshot(ObjectStore store, TestArchive archive) throws IOException {
        PageSize pageSize = new PageSize(512);
        RecordHeader last = archive.record(archive.lastTx());
        int pages = (int) last.databasePages();
        long name = archive.lastSeq() + 1;
        SnapshotHeader header =
                new SnapshotHeader(
                        Codec.ZSTD,
                        pageSize,
                        archive.info().id(),
                        new WriterId(1),
                        name,
                        1,
                        128,
                        false);
        PageMap hashes = new PageMap(pageSize);
        hashes.resize(pages);
        try (ObjectUpload upload = store.upload(ObjectNames.snapshot(name));
                SnapshotWriter snapshot = new SnapshotWriter(upload, header, Runnable::run, 1)) {
            MemorySegment block = snapshot.block().fill((byte) 'x');
            for (int page = 1; page <= pages; page++) {
                hashes.set(page, PageHash.of(block, (page - 1) * 512L, 512, page));
            }
            snapshot.add(pages);
            SnapshotPoint point =
                    new SnapshotPoint(
                            archive.lastSeq(),
                            archive.digest(archive.lastSeq()),
                            archive.lastTx(),
                            last.micros(),
                            pages,
                            hashes.checksum());
            assertThat(snapshot.commit(point)).isInstanceOf(CreateOutcome.Created.class);
        }
        return ObjectNames.snapshot(name);
    }
}
