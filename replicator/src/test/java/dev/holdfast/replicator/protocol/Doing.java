package dev.holdfast.replicator.protocol;

/// Where Holdfast's capture thread is.
sealed interface Doing {
    record Down() implements Doing {}

    /// Has its first pin, and is to find out whether its log goes on here.
    record Attaching() implements Doing {}

    /// Between two steps of the loop, with one pin.
    record Resting() implements Doing {}

    /// About to take a younger pin, by reading the wal-index header.
    record Beginning(HandOver handOver) implements Doing {}

    /// Has read the header, and is to find a slot for it.
    record Choosing(HandOver handOver, Place header) implements Doing {}

    /// Has found the slot, or set its mark, and does not hold it yet.
    record Joining(HandOver handOver, Place header, int slot, int mark) implements Doing {}

    /// Holds the younger pin, and is to look whether there is something new.
    record Reading(HandOver handOver) implements Doing {}

    /// Has seen that there is.
    record Verifying(HandOver handOver, Place oracle) implements Doing {}

    /// Has read all; the older pin is let go next.
    ///
    /// @param isOnSlotZero what it will believe of its pin
    record Landing(boolean isAfterCheckpoint, boolean isOnSlotZero) implements Doing {}

    record Checkpointing(Checkpoint checkpoint) implements Doing {}

    /// Its checkpoint has ended, and a hand-over follows.
    record Checkpointed() implements Doing {}

    /// The guard stands; the pin is let go next.
    record StandingGuard() implements Doing {}

    /// Without a pin and with a guard, so that the application's checkpointer gets its slot, or its
    /// checkpoints copy everything back.
    record OnGuard() implements Doing {}

    /// No guard can stand, and everything is forced; the only pin is let go next.
    record SteppingAside(int counter) implements Doing {}

    /// Without a pin, so that the application's checkpointer gets its slot.
    ///
    /// @param counter the change counter before
    record Away(int counter) implements Doing {}

    /// Has a pin again, and is to prove that it missed nothing.
    record Proving(int counter) implements Doing {}

    /// A hand-over under way.
    ///
    /// @param backfilled where the WAL ended before the pin was taken, if all of it was copied back
    ///   then; else [Place#NOWHERE]
    /// @param isAfterCheckpoint of our own, in a take-over
    /// @param isLanding from the guard to slot 0 or nowhere, with all read and forced before
    record HandOver(Place backfilled, boolean isAfterCheckpoint, boolean isLanding) {}
}
