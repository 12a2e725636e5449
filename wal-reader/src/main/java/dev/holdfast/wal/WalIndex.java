package dev.holdfast.wal;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;

/// Reads the header of the wal-index, `-shm`, with positional reads, which on Linux see what other
/// processes wrote through their mappings. Never maps it: it can be truncated at any moment.
///
/// The channel stays the caller's, and there is nothing to close here: a close of any descriptor on
/// `-shm` drops all of the process's locks on it, so only the owner of the connection may decide
/// when. Belongs to one thread at a time.
public final class WalIndex {
    /// A writer changes the copies within a few instructions: if this many looks in a row meet one
    /// at it, it was descheduled.
    private static final int TRIES = 16;

    // wal.c: WalCkptInfo.aReadMark, READMARK_NOT_USED
    private static final int MARKS_AT = 100;
    private static final int MARK_UNUSED = 0xffff_ffff;

    private final FileChannel shm;
    // 136 bytes that go with this object: a close() would look like one that closes the channel
    private final MemorySegment bytes = Arena.ofAuto().allocate(WalIndexHeader.BYTES, Long.BYTES);

    private final MemorySegment mark = Arena.ofAuto().allocate(Integer.BYTES, Integer.BYTES);

    public WalIndex(FileChannel shm) {
        this.shm = shm;
    }

    /// The mark of a reader's slot: whoever is on it keeps what comes after that frame from being
    /// copied back. Empty if it has none, and nothing is kept.
    ///
    /// @param slot from 0 on
    public OptionalLong mark(int slot) throws IOException {
        long at = MARKS_AT + (long) slot * Integer.BYTES;
        if (PositionalRead.fill(shm, mark, at) < Integer.BYTES) {
            throw new EOFException("the wal-index ends in its header");
        }
        int found = mark.get(ValueLayout.JAVA_INT, 0);
        return found == MARK_UNUSED
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(found));
    }

    public WalIndexStep read() throws IOException {
        WalIndexStep step = new WalIndexStep.Torn();
        for (int i = 0; i < TRIES && step instanceof WalIndexStep.Torn; i++) {
            // One read from low to high: the first copy before the second, against the order in
            // which SQLite writes them
            step =
                    PositionalRead.fill(shm, bytes, 0) < WalIndexHeader.BYTES
                            ? new WalIndexStep.Uninitialized()
                            : WalIndexHeader.readFrom(bytes);
        }
        return step;
    }
}
