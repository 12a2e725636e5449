package dev.holdfast.replicator;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;

import java.time.Duration;

/// What a follower tells whoever watches it, from several threads. Transactions and times are those
/// of the archive.
public sealed interface FollowerEvent {
    /// The database can't be followed yet.
    record Waiting(String why) implements FollowerEvent {}

    /// Commits are being captured from here on: each one after `tx` becomes a restore point.
    record Following(long tx, Continuity continuity) implements FollowerEvent {}

    /// Commits were read from the WAL and stand in the open segment, up to this one.
    record Captured(long tx, long micros) implements FollowerEvent {}

    /// The store has acknowledged the log up to this transaction, and a snapshot from which it can
    /// be restored.
    ///
    /// @param store its location
    record Durable(String store, long tx, long micros, long seq, long waitingBytes)
            implements FollowerEvent {}

    /// A destination that lacks what is not on this machine any more gets it from another one, and
    /// has the log up to here now.
    ///
    /// @param from the other's location
    /// @param wantedSeq up to where it has to come
    record Filling(String store, String from, long seq, long wantedSeq) implements FollowerEvent {}

    /// It has it.
    record Filled(String store, String from, long objects, long bytes, Duration took)
            implements FollowerEvent {}

    /// A copy of the database is under way to a store.
    record SnapshotBegan(String store, long pages, long databaseBytes) implements FollowerEvent {}

    /// A snapshot is in the store; what follows it can be restored.
    record SnapshotDone(String store, long seq, long tx, long storedBytes, Duration took)
            implements FollowerEvent {}

    /// A snapshot was given up; it will be tried again.
    ///
    /// @param cause as of [Troubled]
    record SnapshotFailed(String store, String why, String cause) implements FollowerEvent {}

    /// Something of ours failed and is being tried again. The application is not affected.
    ///
    /// @param cause stays the same for as long as this trouble of its part lasts; what is said of
    ///   it may vary
    record Troubled(Part part, String what, String remedy, String cause) implements FollowerEvent {
        /// Trouble whose words do not vary.
        public Troubled(Part part, String what, String remedy) {
            this(part, what, remedy, what);
        }

        /// Trouble with the database.
        Troubled(String what, String remedy) {
            this(new Part.Database(), what, remedy);
        }

        static Troubled ofState(SidecarException e) {
            return of(new Part.State(), e);
        }

        static Troubled of(Part part, SidecarException e) {
            return new Troubled(part, String.valueOf(e.getMessage()), e.remedy(), causeOf(e));
        }
    }

    /// What stays the same while a failure is met again and again.
    ///
    /// What a store says of one outage has counts, times and numbers of requests in it; what is to
    /// be done about it has none.
    static String causeOf(SidecarException e) {
        boolean isOfStore =
                e instanceof SidecarException.StorageUnavailable
                        || e instanceof SidecarException.StorageDenied;
        return isOfStore ? e.remedy() : String.valueOf(e.getMessage());
    }

    /// Where a trouble is.
    sealed interface Part {
        record Database() implements Part {}

        /// The state folder.
        record State() implements Part {}

        /// A destination.
        record Store(String location) implements Part {}

        /// A snapshot on its way to a destination.
        record Snapshot(String location) implements Part {}
    }

    /// The write lock was held so that the WAL could begin anew (saturation only).
    ///
    /// @param walFrames length of the WAL
    /// @param isLanded whether it will begin anew
    record TookOver(Duration held, long walFrames, boolean isLanded) implements FollowerEvent {}

    /// The write lock was held again and again, for a few milliseconds each, so that a writer that
    /// writes faster than it can be read was slowed down.
    ///
    /// @param longest of these times
    /// @param held all together
    /// @param walFrames length of the WAL
    record Braked(int times, Duration longest, Duration held, long walFrames)
            implements FollowerEvent {}

    /// Why history goes on, or begins anew, where following begins.
    sealed interface Continuity {
        /// The WAL still holds the last captured frame.
        record ByWal() implements Continuity {}

        /// The pages of the database are those that the log leads to.
        record ByPages() implements Continuity {}

        /// No proof: what was committed before is not in the archive.
        record Rebased(RebaseReason reason) implements Continuity {}
    }
}
