package dev.holdfast.storage.copies;

import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// What is read in place of an object: pieces of others, one after another.
///
/// @param pieces none where the object is to be taken for one that is not there
record Substitute(List<Piece> pieces) {
    /// Some bytes of an object.
    record Piece(ObjectStore store, String object, long offset, long bytes) {
        boolean isBefore(Piece next) {
            return store.equals(next.store)
                    && object.equals(next.object)
                    && offset + bytes == next.offset;
        }

        Piece and(Piece next) {
            return new Piece(store, object, offset, bytes + next.bytes);
        }
    }

    Substitute {
        pieces = List.copyOf(pieces);
    }

    /// Of the stores that the pieces are in.
    List<String> locations() {
        return pieces.stream().map(piece -> piece.store().location()).distinct().toList();
    }

    long bytes() {
        return pieces.stream().mapToLong(Piece::bytes).sum();
    }

    ReadOutcome read(long offset, ByteBuffer into) throws IOException {
        if (pieces.isEmpty()) {
            return new ReadOutcome.NotFound();
        }
        int begin = into.position();
        long start = 0;
        for (Piece piece : pieces) {
            long within = offset + (into.position() - begin) - start;
            if (into.hasRemaining() && within >= 0 && within < piece.bytes()) {
                int count = (int) Math.min(into.remaining(), piece.bytes() - within);
                ByteBuffer part = into.slice(into.position(), count);
                if (!(piece.store().read(piece.object(), piece.offset() + within, part)
                        instanceof ReadOutcome.Read)) {
                    return new ReadOutcome.NotFound();
                }
                into.position(into.position() + part.position());
                if (part.hasRemaining()) {
                    break; // shorter than it was: what is there is read
                }
            }
            start += piece.bytes();
        }
        return new ReadOutcome.Read(into.position() - begin, bytes());
    }
}
