package dev.holdfast.restore;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.archive.RecordVisitor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/// Applies records to a [ReplayedState], and to whatever else follows it.
public final class RecordApplier implements RecordVisitor {
    /// Takes what changes in the database file, in the order of the log.
    public interface Sink {
        Sink NONE =
                new Sink() {
                    @Override
                    public void page(long number, MemorySegment image) {}

                    @Override
                    public void resize(long pages) {}
                };

        void page(long number, MemorySegment image) throws IOException;

        /// The database now has `pages` pages, more or fewer than before.
        void resize(long pages) throws IOException;
    }

    /// A transaction after which the state is not the one that the archive names.
    private record Mismatch(long tx, long found, long wanted) {}

    private final ReplayedState state;
    private final Sink sink;
    private boolean isConsistent;
    private long tx;
    private long micros;
    private OptionalLong stateChecksum = OptionalLong.empty();
    private Optional<Mismatch> mismatch = Optional.empty();
    private long comparedCount;

    public RecordApplier(ReplayedState state, Sink sink) {
        this.state = state;
        this.sink = sink;
    }

    public ReplayedState state() {
        return state;
    }

    /// The last transaction that was applied.
    public long tx() {
        return tx;
    }

    /// Time of the last transaction that was applied.
    public long micros() {
        return micros;
    }

    /// What the archive says of the state after the last transaction; empty if it does not.
    public OptionalLong stateChecksum() {
        return stateChecksum;
    }

    @Override
    public void begin(long tx, RecordHeader header) {
        ReplayedState.checkMemory(header.databasePages());
    }

    @Override
    public void page(long pageNumber, MemorySegment image) throws IOException {
        state.set(pageNumber, PageHash.of(image, 0, state.pageSize().bytes(), pageNumber));
        sink.page(pageNumber, image);
    }

    @Override
    public void end(long tx, RecordHeader header) throws IOException {
        resize(header.databasePages());
        this.tx = tx;
        micros = header.micros();
        stateChecksum = header.stateChecksum();
        if (isConsistent) {
            compare(tx);
        }
    }

    private void resize(long pages) throws IOException {
        if (state.pageCount() != pages) {
            state.resize(pages);
            sink.resize(pages);
        }
    }

    private void compare(long tx) {
        if (mismatch.isPresent() || stateChecksum.isEmpty()) {
            return;
        }
        comparedCount++;
        if (stateChecksum.getAsLong() != state.checksum()) {
            mismatch = Optional.of(new Mismatch(tx, state.checksum(), stateChecksum.getAsLong()));
        }
    }

    /// How many states were compared since this was asked last.
    public long takeComparedCount() {
        long count = comparedCount;
        comparedCount = 0;
        return count;
    }

    /// The state is now that of a snapshot's `consistentAt`; from here on, each must be one that
    /// the database had.
    void becomeConsistent(long tx, long txMicros, long pages, long checksum) throws IOException {
        resize(pages);
        isConsistent = true;
        this.tx = tx;
        micros = txMicros;
        stateChecksum = OptionalLong.of(checksum);
        compare(tx);
    }

    /// Checks that each state up to now had the checksum that the archive names.
    ///
    /// @param object in which the last records lay
    /// @param at offset in it
    public void checkStates(String object, long at) throws FormatException {
        if (mismatch.isPresent()) {
            Mismatch first = mismatch.get();
            throw new FormatException.DigestMismatch(
                    object,
                    at,
                    "the database after transaction " + first.tx(),
                    "%016x".formatted(first.found()),
                    "%016x".formatted(first.wanted()));
        }
    }
}
