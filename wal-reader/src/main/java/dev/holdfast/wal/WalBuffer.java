package dev.holdfast.wal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The memory with which one thread reads the frames of all its WALs: 1 MiB off the heap, and
/// tables of 24 bytes a frame.
///
/// Belongs to the thread that made it. Outlives the [WalFile]s that share it.
public final class WalBuffer implements AutoCloseable {
    /// Holds the commits of nearly every transaction at once (255 frames of 4 KiB pages), which are
    /// then read a single time.
    static final int WINDOW_BYTES = 1 << 20;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment window = arena.allocate(WINDOW_BYTES, Long.BYTES);
    private final FrameTable table = new FrameTable();
    private final LastImages images = new LastImages();
    private boolean isInUse;

    MemorySegment window() {
        return window;
    }

    FrameTable table() {
        return table;
    }

    LastImages images() {
        return images;
    }

    /// A visitor that reads a WAL with the buffer its own pages lie in would see them change under
    /// its hands.
    void take() {
        if (isInUse) {
            throw new IllegalStateException(
                    "a WAL is being read with this buffer: finish the visit first");
        }
        isInUse = true;
    }

    void release() {
        isInUse = false;
    }

    @Override
    public void close() {
        arena.close();
    }
}
