package dev.holdfast.storage.state;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The state folder that a restore leaves beside its database: a page map, and no writer yet. A
/// replicator started on it goes on where the log ends.
public final class RestoredState {
    private RestoredState() {}

    /// Clears the place for a database that is about to be restored there: a page map that an
    /// earlier restore left would vouch for another state. What a replicator has used is not
    /// touched: that will find out by itself.
    ///
    /// @return whether there is no state anymore; false if a replicator has used it
    /// @throws SidecarException.LocalFiles if it can't be removed, or is somebody's own folder
    public static boolean remove(Path folder) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (StateFolder.readIdentity(folder).isPresent()) {
            return false; // also where its replicator is at work, and holds the lock
        }
        if (Files.isSymbolicLink(folder)) {
            throw new SidecarException.LocalFiles(
                    folder + " is a symbolic link, which no restore has made",
                    "Remove it, or restore to another name.");
        }
        StateFolder.refuseForeign(folder);
        try (StateFolder state = StateFolder.open(folder)) {
            if (isUsed(state)) {
                return false;
            }
            removeFiles(folder);
            return true;
        }
    }

    /// Makes a new one, after [#remove] has cleared the place.
    public static void create(Path folder, SavedPages restored) {
        try (StateFolder state = StateFolder.open(folder)) {
            if (!isUsed(state)) {
                state.savePages(restored);
            }
        }
    }

    /// Whether a replicator was here: it says who it is, or has spooled, or knows where in the
    /// database's own files its page map belongs.
    private static boolean isUsed(StateFolder state) {
        if (state.identity().isPresent()
                || state.pages().filter(it -> it.source().hasRemaining()).isPresent()) {
            return true;
        }
        try (Stream<Path> spooled = Files.list(state.spool())) {
            return spooled.findAny().isPresent();
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw StateFolder.localFiles("read", state.spool(), e);
        }
    }

    /// Only what we have made, by its content.
    private static void removeFiles(Path folder) {
        Path spool = folder.resolve(StateFolder.SPOOL);
        Path lock = folder.resolve(StateFolder.LOCK);
        try {
            Files.deleteIfExists(folder.resolve(StateFolder.PAGES));
            removeLeft(folder.resolve(StateFolder.PAGES + StateFolder.NEW), PagesFile.BEGINNING);
            removeLeft(
                    folder.resolve(StateFolder.IDENTITY + StateFolder.NEW), IdentityFile.BEGINNING);
            if (Files.isDirectory(spool, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(spool);
            }
            // Nothing is ever written to ours
            if (Files.size(lock) == 0) {
                Files.delete(lock);
            }
            FileActions.REAL.forceFolder(folder);
            Files.delete(folder);
        } catch (DirectoryNotEmptyException _) {
            // Somebody's own files lie there; the state has gone
        } catch (IOException e) {
            throw StateFolder.localFiles("remove", folder, e);
        }
    }

    /// Of a run that was killed.
    private static void removeLeft(Path beside, FileBeginning ours) throws IOException {
        if (Files.isRegularFile(beside) && ours.isOfPartOf(beside)) {
            Files.delete(beside);
        }
    }
}
