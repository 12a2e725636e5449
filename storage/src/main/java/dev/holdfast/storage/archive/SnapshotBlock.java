package dev.holdfast.storage.archive;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.storage.codec.BlockCodec;
import dev.holdfast.storage.seal.SnapshotSeal;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/// A block on its way into a snapshot: raw bytes, compressed bytes, and the codec between them.
/// Handed from the snapshot's owner to an executor and back; never used by both at once.
final class SnapshotBlock implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment raw;
    private final ByteBuffer rawBytes;
    private final ByteBuffer compressedBytes;
    private final SnapshotSeal.@Nullable Blocks seal;

    /// Of what is sealed.
    private final ByteBuffer sealedBytes;

    private final BlockCodec codec;
    private final MessageDigest sha256 = Digest.sha256();
    private @Nullable FutureTask<ByteBuffer> work;

    /// Whether the work at hand was begun, or never may be.
    private final AtomicBoolean hasBegun = new AtomicBoolean();

    /// What came of it.
    record Stored(ByteBuffer bytes, Digest digest) {}

    /// @param seal null if blocks are not encrypted
    SnapshotBlock(Codec codec, int blockBytes, SnapshotSeal.@Nullable Blocks seal) {
        raw = arena.allocate(blockBytes);
        rawBytes = raw.asByteBuffer();
        compressedBytes = arena.allocate(blockBytes).asByteBuffer();
        int sealedLength = seal == null ? 0 : blockBytes + SnapshotSeal.OVERHEAD_BYTES;
        sealedBytes = arena.allocate(sealedLength).asByteBuffer();
        this.codec = BlockCodec.of(codec);
        this.seal = seal;
    }

    MemorySegment raw() {
        return raw;
    }

    /// @param index of the block
    void compress(int index, int bytes, Executor executor) {
        hasBegun.set(false);
        FutureTask<ByteBuffer> task = new FutureTask<>(() -> compressNow(index, bytes));
        work = task;
        executor.execute(() -> {
            if (!hasBegun.getAndSet(true)) {
                task.run();
            }
        });
    }

    private ByteBuffer compressNow(int index, int bytes) {
        codec.compress(rawBytes.clear().limit(bytes), compressedBytes.clear());
        compressedBytes.flip();
        if (seal == null) {
            return compressedBytes;
        }
        seal.seal(index, compressedBytes, sealedBytes.clear());
        return sealedBytes.flip();
    }

    /// Waits until it is compressed, and hashes it: the owner has time for that, while whoever
    /// compresses is what a snapshot waits for.
    Stored stored() {
        ByteBuffer bytes = compressed();
        sha256.update(bytes.duplicate());
        return new Stored(bytes, Digest.of(sha256));
    }

    private ByteBuffer compressed() {
        if (work == null) {
            throw new IllegalStateException("nothing was given to compress");
        }
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return work.get();
                } catch (InterruptedException _) {
                    wasInterrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("a block could not be compressed", e);
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Waits until nobody works on it. Work that has not begun never does, so that an executor that
    /// was stopped is not waited for.
    @Override
    public void close() {
        FutureTask<ByteBuffer> task = work;
        if (task != null && hasBegun.getAndSet(true)) {
            try {
                ByteBuffer _ = compressed();
            } catch (IllegalStateException _) {
                // Nobody asks for this block any more.
            }
        }
        codec.close();
        arena.close();
    }
}
