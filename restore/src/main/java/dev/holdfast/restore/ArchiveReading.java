package dev.holdfast.restore;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;

import java.io.IOException;
import java.util.List;

/// Gives what goes wrong while an archive is read its meaning for the run.
public final class ArchiveReading {
    private static final String DAMAGED =
            "Run verify to see all that is damaged; if there is another copy of the archive,"
                    + " restore with a second --from, or repair this one with heal.";

    private ArchiveReading() {}

    /// Something that reads an archive.
    @FunctionalInterface
    public interface Step<T> {
        T run(Archive archive) throws IOException, FormatException;
    }

    static SidecarException.CorruptArchive damaged(FormatException e) {
        return new SidecarException.CorruptArchive(e, DAMAGED);
    }

    /// Refuses two that are no copies of one archive.
    public static void checkCopies(Archive one, Archive other) {
        if (!one.info().equals(other.info())) {
            throw new SidecarException.BadUsage(
                    "%s holds archive %s, and %s archive %s: neither is a copy of the other"
                            .formatted(
                                    one.store().location(),
                                    one.info().id(),
                                    other.store().location(),
                                    other.info().id()),
                    "Name copies of one archive.");
        }
    }

    /// Opens the archive in `store`, which must be there, and runs `step` on it.
    public static <T> T in(ObjectStore store, Step<T> step) {
        return in(store, List.of(), step);
    }

    /// The same for a reader who may open what is encrypted.
    public static <T> T in(ObjectStore store, List<Identity> identities, Step<T> step) {
        try {
            return switch (Archive.open(store)) {
                case OpenOutcome.Found(Archive archive) ->
                        step.run(archive.with(KeyRing.of(identities, store)));
                case OpenOutcome.Absent() ->
                        throw new SidecarException.NoSuchPoint(
                                "there is no archive at " + store.location(),
                                "Check the place; the first replicate to it creates an archive.");
            };
        } catch (FormatException e) {
            throw damaged(e);
        } catch (IOException e) {
            throw new SidecarException.StorageUnavailable(
                    "can't read from " + store.location() + ": " + IoReason.of(e),
                    "Check that the store can be reached and read, then try again.",
                    e);
        }
    }
}
