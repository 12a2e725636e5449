package dev.holdfast.replicator;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException.BadSource;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// What is said of a database and its archive before anything is made for them: neither archive nor
/// state folder is left behind by a database that can't be followed, or one whose archive's place
/// is taken by something else.
public final class EarlyRefusal {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private EarlyRefusal() {}

    /// Refuses what can't become a database by waiting, at once; and what is in rollback-journal
    /// mode, if it still is after the time in which an application switches WAL on. Not for a
    /// database that this process follows already.
    ///
    /// @param stop ends the waiting
    /// @param nanoTime as [System#nanoTime]
    /// @throws BadSource if it is refused
    public static void check(Path database, CountDownLatch stop, LongSupplier nanoTime) {
        long deadline = nanoTime.getAsLong() + Attachment.PATIENCE_NANOS;
        try {
            while (DatabaseLook.at(database)
                    instanceof DatabaseLook.RollbackJournal(String found, String remedy)) {
                if (nanoTime.getAsLong() - deadline >= 0
                        || stop.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new BadSource(found, remedy);
                }
            }
            if (DatabaseLook.at(database)
                    instanceof DatabaseLook.Refused(String found, String remedy)) {
                throw new BadSource(found, remedy);
            }
        } catch (IOException _) {
            // Following will say so, and try again
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a start", e);
        }
    }

    /// Refuses what lies where the archive would be and is none.
    ///
    /// @param store stays the caller's to close; nothing is made in it
    public static void checkArchive(ObjectStore store) {
        try {
            OpenOutcome _ = Archive.open(store);
        } catch (FormatException e) {
            throw LogStart.notAnArchive(e, store);
        } catch (IOException _) {
            // Whoever writes to it will say so
        }
    }
}
