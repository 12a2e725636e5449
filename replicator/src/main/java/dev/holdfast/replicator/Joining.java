package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.Micros;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.state.LogPoint;

import java.io.IOException;
import java.util.Optional;

/// Finds out what a store has of our log, before anything is stored there: nothing, or its
/// beginning, digest by digest.
///
/// @param own of the log that is ours
/// @param isSealing whether what we write is encrypted
/// @param newest looks at the newest object
record Joining(
        ObjectStore store, ArchiveInfo info, OwnLog own, boolean isSealing, NewestObject newest) {
    /// What was found.
    sealed interface Outcome {
        /// It has the beginning of our log.
        ///
        /// @param durable up to where
        record Joined(Archive archive, LogPoint durable) implements Outcome {}

        /// More is missing there than we still have.
        ///
        /// @param archive what is there; empty if nothing is
        /// @param storedSeq the last segment that is there, which may be of another log
        /// @param wantedSeq up to where it has to have the log
        record Lacking(
                Optional<Archive> archive, long storedSeq, long wantedSeq, SidecarException why)
                implements Outcome {}

        /// Something there contradicts our log.
        record Refused(SidecarException why) implements Outcome {}
    }

    /// Looks. Makes an archive where nothing is.
    ///
    /// @throws SidecarException.Fenced if another writer has written there
    Outcome attempt() throws IOException {
        try {
            return Archive.open(store) instanceof OpenOutcome.Found(Archive found)
                    ? joined(found)
                    : begun();
        } catch (FormatException e) {
            return new Outcome.Refused(LogStart.notAnArchive(e, store));
        } catch (SidecarException.CorruptArchive | SidecarException.BadUsage e) {
            return new Outcome.Refused(e);
        }
    }

    /// While nothing was captured yet: why a place that is new to us is not begun, as something
    /// else is there.
    Optional<SidecarException> whyNotEmpty() throws IOException {
        try {
            return Archive.open(store) instanceof OpenOutcome.Found(Archive found)
                            && !found.info().equals(info)
                    ? Optional.of(another(found))
                    : Optional.empty();
        } catch (FormatException e) {
            return Optional.of(LogStart.notAnArchive(e, store));
        }
    }

    private SidecarException another(Archive found) {
        return new SidecarException.BadUsage(
                "%s holds archive %s, wanted %s, which this database is shipped to elsewhere"
                        .formatted(store.location(), named(found.info()), named(info)),
                "Name another place for this copy, or follow the database into that archive"
                        + " alone.");
    }

    private Outcome begun() throws IOException, FormatException {
        if (own.firstSeq() > 1) {
            return lacking(Optional.empty(), 0);
        }
        return joined(Archive.openOrCreate(store, info));
    }

    private Outcome joined(Archive archive) throws IOException, FormatException {
        if (!archive.info().equals(info)) {
            return new Outcome.Refused(another(archive));
        }
        Optional<LogEnd> end;
        try {
            end = archive.end(Math.max(1, own.firstSeq() - 1));
        } catch (FormatException e) {
            return new Outcome.Refused(newest.unreadable(e, store, own.spool()));
        }
        SealedLog.requireKept(end.map(LogEnd::last), isSealing, store.location());
        if (end.isPresent()) {
            Optional<SidecarException> damage = newest.damage(archive, end.get(), own);
            if (damage.isPresent()) {
                return new Outcome.Refused(damage.get());
            }
        }
        LogPoint stored = end.map(OwnLog::pointOf).orElseGet(() -> LogPoint.beginning(info));
        // First: the spool may give back more at any moment
        Optional<Digest> ours = own.digest(stored.seq());
        if (stored.seq() + 1 < own.firstSeq()) {
            return lacking(Optional.of(archive), stored.seq());
        }
        if (end.isPresent() && !ours.equals(Optional.of(stored.digest()))) {
            throw Fencing.fencedBy(end.get().last(), newest.writer(), store.location());
        }
        SealedLog.requireFollowed(
                end.map(LogEnd::last), own.spool().entry(stored.seq() + 1), store.location());
        return new Outcome.Joined(archive, stored);
    }

    private static String named(ArchiveInfo info) {
        return info.id() + " of " + Micros.toInstant(info.createdMicros());
    }

    private Outcome lacking(Optional<Archive> archive, long storedSeq) {
        SidecarException why =
                new SidecarException.CorruptArchive(
                        "%s has the log up to segment %d, and what comes before segment %d is not on this machine any more"
                                .formatted(store.location(), storedSeq, own.firstSeq()),
                        "Have a destination that has it reachable: what is lacking is copied from"
                                + " there.");
        return new Outcome.Lacking(archive, storedSeq, own.firstSeq() - 1, why);
    }
}
