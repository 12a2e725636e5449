package dev.holdfast.replicator.protocol;

import java.util.Optional;

/// A connection of the application that only reads, for as long as it likes.
final class ReaderSteps {
    private ReaderSteps() {}

    static void addTo(Moves moves, State state) {
        if (state.reader() != Pins.NONE) {
            moves.step("reader: ends", state.withReader(Pins.NONE));
        } else if (state.index().isWhole()) {
            Optional<ReadSlots.Found> found = ReadSlots.begin(state, true);
            if (found.isPresent()) {
                moves.step(
                        "reader: begins on slot " + found.get().slot(),
                        state.with(found.get().index()).withReader(found.get().slot()));
            }
        }
    }
}
