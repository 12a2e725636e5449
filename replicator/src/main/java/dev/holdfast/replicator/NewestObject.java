package dev.holdfast.replicator;

import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
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

    private static final String ASK_OTHERS =
            "Run holdfast verify on the other destinations. If one has what belongs there, remove"
                    + " that object from %s, and start again: it is copied from there. Else, or"
                    + " where nothing can be removed, replicate into another place.";

    private final WriterId writer;
    private final boolean hasOthers;
    private final Timekeeper time;
    private @Nullable LogEnd proven;
    private @Nullable LogEnd damaged;
    private @Nullable SidecarException why;
    private long readAt;

    /// @param writer who we are
    /// @param hasOthers whether other destinations may have what belongs there
    NewestObject(WriterId writer, boolean hasOthers, Timekeeper time) {
        this.writer = writer;
        this.hasOthers = hasOthers;
        this.time = time;
    }

    /// Reads all of it, if what belongs there is still on this machine, or may be elsewhere.
    ///
    /// @param isFilledBehind whether it is about to be: then it does not matter whose it is
    /// @return that it is damaged
    Optional<SidecarException> damage(
            Archive archive, LogEnd end, Spool spool, boolean isFilledBehind) throws IOException {
        if (end.equals(proven)) {
            return Optional.empty(); // nothing is ever replaced
        }
        if (end.equals(damaged) && time.nanoTime() - readAt < BETWEEN_READS.toNanos()) {
            return Optional.ofNullable(why);
        }
        damaged = null;
        why = null;
        boolean isHere = isHere(end, spool);
        boolean isOurs = end.last().writer().equals(writer);
        if (!(isOurs && isHere) && !(hasOthers && (isOurs || isFilledBehind))) {
            return Optional.empty();
        }
        try {
            archive.prove(end.object());
            proven = end;
        } catch (FormatException e) {
            damaged = end;
            readAt = time.nanoTime();
            why =
                    new SidecarException.CorruptArchive(
                            e,
                            (isHere ? REMOVE : ASK_OTHERS).formatted(archive.store().location()));
        }
        return Optional.ofNullable(why);
    }

    /// What was given back in part can't be stored once more.
    private static boolean isHere(LogEnd end, Spool spool) {
        return spool.entry(end.object().firstSeq()).isPresent()
                && spool.entry(end.last().seq()).isPresent();
    }
}
