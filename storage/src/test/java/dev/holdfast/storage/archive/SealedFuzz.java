package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.FuzzInputs;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.Sealing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Any bytes as an encrypted log object or snapshot, for `./dev fuzz sealed`: it is refused by
/// name, or as long as it says.
///
/// The first byte of the input says whether checksums, digests and the index are mended before, and
/// which of the two it is.
public final class SealedFuzz {
    private static final int SNAPSHOT = 2;
    private static final long SEED = 1;
    private static final ArchiveInfo ARCHIVE = TestArchive.info(SEED);
    private static final int SALT_BYTES = 16;
    private static final long REPLAY_FROM = 2;

    /// Known to all, as the seeds are.
    private static final Identity READER =
            Identity.parse(
                    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");

    private SealedFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        boolean isSnapshot = (input[0] & SNAPSHOT) != 0;
        String name = isSnapshot ? ObjectNames.snapshot(REPLAY_FROM) : ObjectNames.log(1);
        byte[] object =
                FuzzInputs.stored(
                        input,
                        bytes -> isSnapshot ? mended(bytes) : LogFuzz.sealed(bytes, ARCHIVE));
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.create(name, ObjectBody.of(ByteBuffer.wrap(object)));
        KeyRing keys = KeyRing.of(List.of(READER), store);
        try {
            if (isSnapshot) {
                readSnapshot(store, keys);
            } else {
                readLog(store, object.length, keys);
            }
            return true;
        } catch (FormatException refused) {
            assertThat(refused.object()).isEqualTo(name);
            assertThat(refused.offset()).isBetween(-128L, (long) object.length);
            return false;
        } catch (SidecarException.WrongKey refused) {
            assertThat(refused).hasMessageContaining(name);
            return false;
        }
    }

    /// A snapshot whose header and digest are right.
    private static byte[] mended(byte[] bytes) {
        byte[] object = bytes.clone();
        int footer = object.length - SnapshotFooter.BYTES;
        int least = SnapshotHeader.BYTES + Integer.BYTES + SALT_BYTES;
        if (footer < least) {
            return object;
        }
        ByteBuffer out = ByteBuffer.wrap(object);
        CRC32C crc = new CRC32C();
        crc.update(object, 0, SnapshotHeader.BYTES - Integer.BYTES);
        out.putInt(SnapshotHeader.BYTES - Integer.BYTES, (int) crc.getValue());
        int head = least + Math.clamp(out.getInt(SnapshotHeader.BYTES), 0, footer - least);
        int index = Math.clamp(out.getLong(footer + 8), head, footer);
        MessageDigest sha256 = Digest.sha256();
        sha256.update(object, 0, head);
        sha256.update(object, index, object.length - index - Digest.BYTES);
        Digest.of(sha256).writeTo(out, object.length - Digest.BYTES);
        return object;
    }

    private static void readSnapshot(InMemoryObjectStore store, KeyRing keys)
            throws IOException, FormatException {
        SnapshotReader snapshot = SnapshotReader.open(store, REPLAY_FROM, ARCHIVE.id(), keys);
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            for (int i = 0; i < snapshot.blockCount(); i++) {
                assertThat(blocks.read(i).byteSize()).isEqualTo(snapshot.rawBytes(i));
            }
        }
    }

    private static void readLog(InMemoryObjectStore store, int bytes, KeyRing keys)
            throws IOException, FormatException {
        try (SegmentReader reader = new SegmentReader(ARCHIVE, keys)) {
            reader.open(SegmentSource.of(store, new LogObject(1, bytes)), 0);
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                if (reader.canDecode()) {
                    reader.decode(RecordVisitor.NONE);
                } else {
                    reader.verify();
                }
            }
        }
    }

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        InMemoryObjectStore log = new InMemoryObjectStore();
        try (TestArchive archive = begun(log)) {
            archive.commits(2);
            archive.commits(1);
            archive.ship();
        }
        FuzzInputs.writeSeed(folder[0], "log", 1, stored(log, ObjectNames.log(1)));
        InMemoryObjectStore snapshots = new InMemoryObjectStore();
        try (TestArchive archive = begun(snapshots)) {
            archive.snapshot();
        }
        String name = ObjectNames.snapshot(REPLAY_FROM);
        FuzzInputs.writeSeed(folder[0], "snapshot", 1 | SNAPSHOT, stored(snapshots, name));
    }

    private static TestArchive begun(InMemoryObjectStore store) throws IOException {
        TestArchive archive = new TestArchive(store, SEED, new PageSize(512), Codec.ZSTD);
        archive.seal(new Sealing(List.of(READER.recipient())));
        archive.rebase(RebaseReason.FIRST, 14);
        return archive;
    }

    private static byte[] stored(InMemoryObjectStore store, String name) throws IOException {
        ByteBuffer object = ByteBuffer.allocate(1 << 16);
        store.read(name, 0, object);
        return Arrays.copyOf(object.array(), object.position());
    }
}
