package dev.holdfast.replicator;

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

    private final Timekeeper time;
    private @Nullable LogEnd damaged;
    private @Nullable SidecarException why;
    private long readAt;

    NewestObject(Timekeeper time) {
        this.time = time;
    }

    /// Reads all of it, if all that belongs there is still on this machine.
    ///
    /// @return that it is damaged
    Optional<SidecarException> damage(Archive archive, LogEnd end, Spool spool) throws IOException {
        if (end.equals(damaged) && time.nanoTime() - readAt < BETWEEN_READS.toNanos()) {
            return Optional.ofNullable(why);
        }
        damaged = null;
        why = null;
        if (!isHere(end, spool)) {
            return Optional.empty();
        }
        try {
            archive.prove(end.object());
        } catch (FormatException e) {
            damaged = end;
            readAt = time.nanoTime();
            why =
                    new SidecarException.CorruptArchive(
                            e,
                            "Remove that object from %s, and start again: this machine still has what belongs there, and stores it once more. Where nothing can be removed, replicate into another place."
                                    .formatted(archive.store().location()));
        }
        return Optional.ofNullable(why);
    }

    /// Another writer's object is another matter, and what was given back in part can't be stored
    /// once more.
    private static boolean isHere(LogEnd end, Spool spool) {
        return spool.entry(end.object().firstSeq()).isPresent()
                && spool.entry(end.last().seq())
                        .filter(own -> own.header().writer().equals(end.last().writer()))
                        .isPresent();
    }
}
