package dev.holdfast.storage.archive;

import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.SnapshotSeal;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// What a snapshot has in front of its blocks: the header, and if it is encrypted the wrapped data
/// key.
record SnapshotHead(String object, SnapshotHeader header, Optional<SnapshotSeal.Prelude> prelude) {

    /// @param end where the head ends at the latest
    static SnapshotHead read(ObjectStore store, String object, SnapshotHeader header, long end)
            throws IOException, FormatException {
        if (!header.isSealed()) {
            return new SnapshotHead(object, header, Optional.empty());
        }
        long most = Math.min(end - SnapshotHeader.BYTES, SnapshotSeal.MAX_PRELUDE_BYTES);
        ByteBuffer bytes = ByteBuffer.allocate((int) most);
        if (bytes.hasRemaining()) {
            ObjectReads.read(store, object, SnapshotHeader.BYTES, bytes);
        }
        return new SnapshotHead(
                object, header, Optional.of(SnapshotSeal.Prelude.readFrom(bytes.flip(), object)));
    }

    /// As it is stored.
    ByteBuffer stored() {
        int more = prelude.map(it -> it.bytes().remaining()).orElse(0);
        ByteBuffer bytes = ByteBuffer.allocate(SnapshotHeader.BYTES + more);
        header.writeTo(bytes);
        prelude.ifPresent(
                it -> bytes.put(SnapshotHeader.BYTES, it.bytes(), it.bytes().position(), more));
        return bytes;
    }

    /// How much longer a block is than what was compressed.
    int overheadBytes() {
        return header.isSealed() ? SnapshotSeal.OVERHEAD_BYTES : 0;
    }

    Optional<WrappedKey> dataKey() {
        return prelude.map(SnapshotSeal.Prelude::wrapped);
    }

    /// Empty if it is not encrypted.
    Optional<SnapshotSeal> open(KeyRing keys) throws IOException, FormatException {
        return prelude.isEmpty()
                ? Optional.empty()
                : Optional.of(SnapshotSeal.of(header, prelude.get(), keys, object));
    }
}
