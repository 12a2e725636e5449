package dev.holdfast.restore;

import dev.holdfast.format.PageSize;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.archive.SnapshotReader;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// Fetches the blocks of a snapshot by several threads; each verifies, decompresses and hashes
/// blocks by itself and hands them on. Blocks arrive in any order.
public final class SnapshotCopy {
    /// Of blocks, raw and compressed, in all threads together.
    private static final long BUFFER_BYTES = 64 << 20;

    private static final int MAX_THREADS = 16;

    /// What a thread takes at once is at most so many blocks, and so small a part of all that no
    /// thread is left with much when the others have ended.
    private static final int MOST_BLOCKS = 8;

    private static final int LEAST_TURNS = 4;

    /// Takes the raw pages of a block. Called by several threads at once.
    @FunctionalInterface
    public interface Sink {
        Sink NONE = (_, _) -> {};

        void block(long firstPage, MemorySegment images) throws IOException;
    }

    /// Is told, by one thread at a time, that a block is done.
    @FunctionalInterface
    public interface BlockDone {
        void block(int storedBytes) throws IOException;
    }

    private final SnapshotReader snapshot;
    private final ReplayedState state;
    private final Sink sink;
    private final BlockDone done;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean isOver = new AtomicBoolean();

    private SnapshotCopy(SnapshotReader snapshot, ReplayedState state, Sink sink, BlockDone done) {
        this.snapshot = snapshot;
        this.state = state;
        this.sink = sink;
        this.done = done;
    }

    /// Reads all blocks of `snapshot`.
    ///
    /// @return the pages as copied, which the log must still repair
    public static ReplayedState read(SnapshotReader snapshot, Sink sink, BlockDone done)
            throws IOException, FormatException {
        ReplayedState.checkMemory(snapshot.footer().pagesCopied());
        ReplayedState state = new ReplayedState(snapshot.header().pageSize());
        new SnapshotCopy(snapshot, state, sink, done).run();
        state.resize(snapshot.footer().pagesCopied());
        return state;
    }

    private int threads() {
        long block = 2L * snapshot.header().blockBytes() + SnapshotReader.Blocks.MOST_TOGETHER;
        // A store answers slowly, so more threads than processors; a small snapshot needs few.
        int wanted = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
        long most = Math.min(Math.min(MAX_THREADS, BUFFER_BYTES / block), snapshot.blockCount());
        return Math.clamp(most, 1, wanted);
    }

    private void run() throws IOException, FormatException {
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService executor =
                Executors.newFixedThreadPool(
                        threads(), Thread.ofPlatform().name("restore-block-", 0).factory())) {
            for (int i = 0; i < threads(); i++) {
                workers.add(
                        executor.submit(() -> {
                            copyBlocks();
                            return null;
                        }));
            }
        }
        rethrowFirst(workers);
    }

    private void copyBlocks() throws IOException, FormatException {
        PageSize pageSize = snapshot.header().pageSize();
        int atOnce = Math.clamp(snapshot.blockCount() / (LEAST_TURNS * threads()), 1, MOST_BLOCKS);
        boolean isWhole = false;
        try (SnapshotReader.Blocks blocks = snapshot.blocks()) {
            for (int from = next.getAndAdd(atOnce);
                    from < snapshot.blockCount();
                    from = next.getAndAdd(atOnce)) {
                int end = Math.min(from + atOnce, snapshot.blockCount());
                blocks.readOn(end);
                for (int block = from; block < end && !isOver.get(); block++) {
                    long firstPage = snapshot.firstPage(block);
                    MemorySegment images = blocks.read(block);
                    long[] hashes = ReplayedState.hashes(images, firstPage, pageSize);
                    sink.block(firstPage, images);
                    take(block, firstPage, hashes);
                }
            }
            isWhole = true;
        } finally {
            if (!isWhole) {
                isOver.set(true);
            }
        }
    }

    private void take(int block, long firstPage, long[] hashes) throws IOException {
        lock.lock();
        try {
            for (int i = 0; i < hashes.length; i++) {
                state.set(firstPage + i, hashes[i]);
            }
            done.block(snapshot.storedBytes(block));
        } finally {
            lock.unlock();
        }
    }

    /// All workers have ended.
    private static void rethrowFirst(List<Future<?>> workers) throws IOException, FormatException {
        @Nullable Throwable first = null;
        for (Future<?> worker : workers) {
            try {
                worker.get();
            } catch (ExecutionException e) {
                if (first == null) {
                    first = e.getCause();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a restore", e);
            }
        }
        switch (first) {
            case null -> {}
            case IOException e -> throw e;
            case FormatException e -> throw e;
            case SidecarException e -> throw e;
            case Throwable e -> throw new IllegalStateException("a block could not be copied", e);
        }
    }
}
