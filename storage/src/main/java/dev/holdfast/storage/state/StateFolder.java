package dev.holdfast.storage.state;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.FileKind;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// The folder in which a writer keeps what it must know at its next start: who it is, the page map,
/// the spool.
///
/// ```
/// lock     held by the process that writes
/// writer   identity: archive id, writer id, database, store
/// pages    the page map at a point of the log
/// spool/   captured segments (the replicator's)
/// flush-…  requests of other processes ([FlushRequests]); so is rotate-key ([KeyRotation])
/// ```
///
/// Every file is replaced whole: written beside, forced, renamed. Owned by one process while open,
/// and only for its owner's eyes: it holds what the database holds.
public final class StateFolder implements AutoCloseable {
    static final String LOCK = "lock";
    static final String IDENTITY = "writer";
    static final String PAGES = "pages";
    static final String SPOOL = "spool";

    /// Ends the name of what is not whole yet.
    static final String NEW = ".new";

    /// Another process may look, for a moment, whether there is one that has the lock.
    private static final int LOCK_TRIES = 5;

    private static final long LOCK_PAUSE_NANOS = Duration.ofMillis(10).toNanos();

    /// The folders that this process has open: closing a second descriptor on a lock file would
    /// drop the lock.
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path realFolder;
    private final FileChannel lockFile;
    private final Object lockKey;
    private final FileActions files;
    private final boolean isMade;

    /// @param isMade whether this opening made the folder
    private StateFolder(
            Path folder, Path realFolder, FileChannel lockFile, FileActions files, boolean isMade)
            throws IOException {
        this.folder = folder;
        this.realFolder = realFolder;
        this.lockFile = lockFile;
        this.lockKey = keyOf(folder.resolve(LOCK));
        this.files = files;
        this.isMade = isMade;
    }

    /// Where a database's state lies unless told otherwise: `.<name>-holdfast` beside the file
    /// itself, so that there is one by whatever links it is called.
    public static Path beside(Path database) {
        Path real = DatabasePath.real(database);
        Path name = real.getFileName();
        if (name == null) {
            throw new IllegalArgumentException("no file name in " + database);
        }
        return real.resolveSibling("." + name + "-holdfast");
    }

    /// Opens the folder, makes it if it is not there (mode 0700), and locks it for this process.
    public static StateFolder open(Path folder) {
        return open(folder, FileActions.REAL);
    }

    /// As [#open(Path)].
    ///
    /// @param files what is done to the folder and in it, but for its lock
    public static StateFolder open(Path folder, FileActions files) {
        try {
            FileKind.FOLDER.require(folder);
            boolean isMade = !Files.isDirectory(folder);
            if (isMade) {
                files.createFolder(folder);
                files.forceFolder(parentOf(folder));
            }
            Path realFolder = folder.toRealPath();
            if (!OPEN.add(realFolder)) {
                throw inUse(folder);
            }
            boolean isOpen = false;
            try {
                StateFolder state =
                        new StateFolder(folder, realFolder, lock(folder), files, isMade);
                isOpen = true;
                return state;
            } finally {
                if (!isOpen) {
                    OPEN.remove(realFolder);
                }
            }
        } catch (IOException e) {
            throw localFiles("open the state folder", folder, e);
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileKind.FILE.require(folder.resolve(LOCK));
        FileChannel lockFile =
                FileChannel.open(
                        folder.resolve(LOCK),
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        ownerOnly("rw-------"));
        try {
            for (int i = 0; i < LOCK_TRIES; i++) {
                @Nullable FileLock lock = lockFile.tryLock();
                if (lock != null) {
                    return lockFile;
                }
                LockSupport.parkNanos(LOCK_PAUSE_NANOS);
            }
        } catch (IOException e) {
            lockFile.close();
            throw e;
        }
        lockFile.close();
        throw inUse(folder);
    }

    /// Whether a process writes in this folder now. Not for one that does itself.
    public static boolean isInUse(Path folder) {
        Path file = folder.resolve(LOCK);
        try {
            FileKind.FILE.require(file);
            try (FileChannel lockFile = FileChannel.open(file, StandardOpenOption.WRITE);
                    @Nullable FileLock lock = lockFile.tryLock()) {
                return lock == null;
            }
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw localFiles("look at", file, e);
        }
    }

    private static SidecarException inUse(Path folder) {
        return new SidecarException.Fenced(
                "another holdfast process is using the state folder " + folder,
                "Stop the other process, or give it one more --to for a copy; a second archive"
                        + " of this database, and another database, need a --state folder of"
                        + " their own.");
    }

    public Path path() {
        return folder;
    }

    /// Whether the folder that was opened is still the one at its path: what is written goes
    /// nowhere if it was removed.
    public boolean isInPlace() {
        try {
            return keyOf(folder.resolve(LOCK)).equals(lockKey);
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException _) {
            return true; // whoever writes next will find out
        }
    }

    /// Which file it is: device and inode.
    private static Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /// Where the replicator keeps captured segments; may not exist yet.
    public Path spool() {
        return spoolIn(folder);
    }

    /// As [#spool], without opening or locking: for `status`.
    public static Path spoolIn(Path folder) {
        return folder.resolve(SPOOL);
    }

    /// What other processes want of who writes here.
    public FlushRequests flushRequests() {
        return new FlushRequests(folder, files);
    }

    /// Who writes here; empty before the first start.
    public Optional<WriterIdentity> identity() {
        return readIdentity(folder);
    }

    /// As [#identity], without opening or locking: for `status`.
    public static Optional<WriterIdentity> readIdentity(Path folder) {
        Path file = folder.resolve(IDENTITY);
        try {
            FileKind.FILE.require(file);
            return Optional.of(IdentityFile.read(file).orElseThrow(() -> damaged(file)));
        } catch (NoSuchFileException _) {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw unreadable(folder, new NotDirectoryException(folder.toString()));
            }
            return Optional.empty();
        } catch (FileSystemException e) {
            throw unreadable(folder, e);
        } catch (IOException e) {
            throw localFiles("read", file, e);
        }
    }

    /// The file that says who writes, in a state folder that a folder is, or lies in; empty if it
    /// lies in none. Neither need be there.
    ///
    /// @param real absolute, without links
    public static Optional<Path> identityAround(Path real) {
        for (@Nullable Path folder = real; folder != null; folder = folder.getParent()) {
            Path file = folder.resolve(IDENTITY);
            if (isIdentity(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /// What may not be read is nobody's state that is known.
    private static boolean isIdentity(Path file) {
        try {
            return Files.isRegularFile(file) && IdentityFile.BEGINNING.isOf(file);
        } catch (IOException _) {
            return false;
        }
    }

    private static SidecarException damaged(Path file) {
        return new SidecarException.LocalFiles(
                file
                        + " is damaged: found other content, wanted the lines that holdfast"
                        + " writes",
                "Move the state folder away; the next start with --take-over then rebases.");
    }

    /// Durable when this returns.
    public void saveIdentity(WriterIdentity identity) {
        writeWhole(IDENTITY, beside -> IdentityFile.write(beside, identity, files));
    }

    private interface Writing {
        void to(Path file) throws IOException;
    }

    private void writeWhole(String name, Writing content) {
        Path file = folder.resolve(name);
        Path beside = folder.resolve(name + NEW);
        try {
            removeLeft(beside);
            content.to(beside);
            replace(beside, file);
        } catch (IOException e) {
            throw localFiles("write", file, e);
        } finally {
            giveBack(beside);
        }
    }

    /// Of a run that was killed.
    private void removeLeft(Path beside) throws IOException {
        if (Files.exists(beside)) {
            files.delete(beside);
        }
    }

    /// What could not be written whole would only take room, of which there may be none.
    private void giveBack(Path beside) {
        try {
            removeLeft(beside);
        } catch (IOException _) {
            // the failure that is on its way counts, and the next write tries again
        }
    }

    /// The page map as last saved; empty if there is none, or none that is whole.
    public Optional<SavedPages> pages() {
        Path file = folder.resolve(PAGES);
        try {
            FileKind.FILE.require(file);
            return Files.exists(file) ? PagesFile.read(file) : Optional.empty();
        } catch (IOException e) {
            throw localFiles("read", file, e);
        }
    }

    /// Refuses a folder that is somebody's own, before anything is made in it: with a file `pages`
    /// that we have not written, and that the first page map to be saved would replace.
    public static void refuseForeign(Path folder) {
        Path file = folder.resolve(PAGES);
        try {
            FileKind.FILE.require(file);
            // In a folder that a replicator has used it is ours, however damaged it is
            if (Files.exists(file)
                    && !Files.exists(folder.resolve(IDENTITY))
                    && !PagesFile.BEGINNING.isOf(file)) {
                throw new SidecarException.LocalFiles(
                        file + " is not of holdfast: found other content, wanted a page map",
                        "Name another state folder, or move that file away.");
            }
        } catch (IOException e) {
            throw localFiles("read", file, e);
        }
    }

    /// Durable when this returns.
    public void savePages(SavedPages saved) {
        writeWhole(PAGES, beside -> PagesFile.write(beside, saved, files));
    }

    /// There is no page map any more: what was saved is of a history that has ended.
    public void removePages() {
        try {
            if (Files.exists(folder.resolve(PAGES))) {
                files.delete(folder.resolve(PAGES));
            }
            files.forceFolder(folder);
        } catch (IOException e) {
            throw localFiles("remove", folder.resolve(PAGES), e);
        }
    }

    private void replace(Path beside, Path file) throws IOException {
        try {
            files.replace(beside, file);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the filesystem of " + folder + " can't rename atomically", e);
        }
        files.forceFolder(folder);
    }

    /// Makes the names in a folder durable.
    public static void force(Path folder) throws IOException {
        FileActions.REAL.forceFolder(folder);
    }

    /// For creating files and folders that only their owner may read.
    public static FileAttribute<?> ownerOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static Path parentOf(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path.toAbsolutePath() : parent;
    }

    /// One that may not be read is not one that nobody has written to.
    private static SidecarException unreadable(Path folder, FileSystemException e) {
        return new SidecarException.LocalFiles(
                "can't read the state folder " + folder + ": " + IoReason.withoutFile(e),
                "Name a state folder, and run this as the user that replicate runs as.",
                e);
    }

    static SidecarException localFiles(String doing, Path what, IOException e) {
        return new SidecarException.LocalFiles(
                "can't " + doing + " " + what + ": " + IoReason.of(e),
                "Check that the folder exists, that this user may write there, and that the disk"
                        + " has room.",
                e);
    }

    /// Closes it after a run that was refused, which leaves nothing: a folder that this opening
    /// made is removed, unless something is in it that the next start goes on from.
    public void closeUnused() {
        try (this) {
            if (isMade && isUnused()) {
                if (Files.exists(spool())) {
                    files.delete(spool()); // only if it is empty
                }
                files.delete(folder.resolve(LOCK));
                files.delete(folder);
            }
        } catch (IOException _) {
            // What is left harms nobody, and the refusal that is on its way counts
        }
    }

    private boolean isUnused() {
        return !Files.exists(folder.resolve(IDENTITY)) && !Files.exists(folder.resolve(PAGES));
    }

    @Override
    public void close() {
        try {
            lockFile.close();
            OPEN.remove(realFolder);
        } catch (IOException e) {
            throw localFiles("close", folder, e);
        }
    }
}
