package dev.holdfast.replicator;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// The newest object of a log that is ours. The run that stored it may have been killed before the
/// store's answer came, or before it had read an object that the store did not vouch for: what is
/// there is called durable by the next one, which gives up what it has of it here.
final class NewestObject {
    /// One that is damaged is not read anew at each try: it may be large, and nobody may be there.
    private static final Duration BETWEEN_READS = Duration.ofMinutes(15);

    private static final String REMOVE =
            "Remove that object from %s, and start again: this machine still has what belongs"
                    + " there, and stores it once more. Where nothing can be removed, replicate"
                    + " into another place.";

    private static final String REMOVE_OWN =
            "If no other writer has stored it, remove that object from %s, and start again: this"
                    + " machine still has what belongs there, and stores it once more. Where"
                    + " nothing can be removed, replicate into another place.";

    private static final String ASK_OTHERS =
            "Run holdfast verify on the other destinations. If one has what belongs there, remove"
                    + " that object from %s, and start again: it is copied from there. Else, or"
                    + " where nothing can be removed, replicate into another place.";

    private static final String ASK_COPIES =
            "If a copy of the archive has it whole, remove that object from %s, and run holdfast"
                    + " heal from there; else replicate into another place.";

    private final WriterId writer;
    private final boolean hasOthers;
    private final Timekeeper time;
    private @Nullable Look last;

    /// What was found.
    ///
    /// @param at by the steady clock
    private record Look(LogEnd end, Optional<SidecarException> damage, long at) {}

    /// @param writer who we are
    /// @param hasOthers whether other destinations may have what belongs there
    NewestObject(WriterId writer, boolean hasOthers, Timekeeper time) {
        this.writer = writer;
        this.hasOthers = hasOthers;
        this.time = time;
    }

    WriterId writer() {
        return writer;
    }

    /// Reads all of it, if what belongs there is still on this machine, or may be elsewhere: also
    /// one of another writer behind which ours comes. One that is in the place of ours is left to
    /// whoever compares the two: then the log is the other's.
    ///
    /// @return that it is damaged
    Optional<SidecarException> damage(Archive archive, LogEnd end, OwnLog own) throws IOException {
        Look before = last;
        if (before != null && before.end.equals(end) && !isDue(before)) {
            return before.damage;
        }
        boolean isOurs = end.last().writer().equals(writer);
        boolean isHere = isOurs && isHere(end, own.spool());
        if (!(isHere || (hasOthers && (isOurs || isBeforeOurs(end, own))))) {
            return Optional.empty();
        }
        Look look = new Look(end, read(archive, end, isHere), time.nanoTime());
        last = look;
        return look.damage;
    }

    /// Reads all of one behind which the log of a restored database is to go on: that may come from
    /// a copy.
    ///
    /// @return that it is damaged
    static Optional<SidecarException> damage(Archive archive, LogEnd end) throws IOException {
        return read(archive, end, ASK_COPIES);
    }

    /// Tells of one whose headers can't be read: it was cut off, say.
    SidecarException unreadable(FormatException e, ObjectStore store, Spool spool) {
        if (e instanceof FormatException.UnknownVersion
                || e instanceof FormatException.MissingObject) {
            return LogStart.notAnArchive(e, store);
        }
        boolean isHere =
                ObjectNames.logSeq(e.object()).stream()
                        .anyMatch(seq -> spool.entry(seq).isPresent());
        String remedy = isHere ? REMOVE_OWN : hasOthers ? ASK_OTHERS : ASK_COPIES;
        return new SidecarException.CorruptArchive(e, remedy.formatted(store.location()));
    }

    /// Whether to read it anew. A good one never: nothing is ever replaced.
    private boolean isDue(Look before) {
        return before.damage.isPresent() && time.nanoTime() - before.at >= BETWEEN_READS.toNanos();
    }

    private static Optional<SidecarException> read(Archive archive, LogEnd end, boolean isHere)
            throws IOException {
        return read(archive, end, isHere ? REMOVE : ASK_OTHERS);
    }

    private static Optional<SidecarException> read(Archive archive, LogEnd end, String remedy)
            throws IOException {
        try {
            archive.prove(end.object());
            return Optional.empty();
        } catch (FormatException e) {
            return Optional.of(
                    new SidecarException.CorruptArchive(
                            e, remedy.formatted(archive.store().location())));
        }
    }

    private static boolean isBeforeOurs(LogEnd end, OwnLog own) {
        long seq = end.last().seq();
        return seq + 1 < own.firstSeq() || own.digest(seq).equals(Optional.of(end.digest()));
    }

    /// What was given back in part can't be stored once more.
    private static boolean isHere(LogEnd end, Spool spool) {
        return spool.entry(end.object().firstSeq()).isPresent()
                && spool.entry(end.last().seq()).isPresent();
    }
}
