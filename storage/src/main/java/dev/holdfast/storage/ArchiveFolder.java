package dev.holdfast.storage;

import static java.lang.System.Logger.Level.WARNING;

import dev.holdfast.format.failure.IoReason;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// A folder that is being written to: how a file gets its name, whole and for good.
///
/// ```
/// <root>/.tmp/<instance>-<n>   written and forced here
///        └─ link() ──────────▶ <root>/log/<seq>.seg, which fails if the name is taken; then the folder log/ is forced, then .tmp/… unlinked
/// ```
///
/// `.tmp` is made when the folder is opened and never later: a root that lacks it is not the one
/// that was opened, but for example the empty mount point under it, and nothing is written there.
final class ArchiveFolder {
    static final String TEMPORARY = ".tmp";

    private static final System.Logger LOG = System.getLogger(ArchiveFolder.class.getName());

    /// An upload that has not been written to for so long has no process anymore.
    private static final Duration STALE = Duration.ofDays(1);

    private final Path root;
    private final Path temporary;
    private final FileActions files;

    /// Tells the temporary files of this process from all others', also where process ids repeat
    /// (containers).
    private final String instance = UUID.randomUUID().toString();

    private final AtomicLong lastFile = new AtomicLong();

    /// Folders that this opening made, outermost first.
    private final List<Path> made = new ArrayList<>();

    /// Folders whose own names are known to be forced.
    private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

    private ArchiveFolder(Path root, FileActions files) {
        this.root = root;
        this.temporary = root.resolve(TEMPORARY);
        this.files = files;
    }

    /// Makes the folder if it is not there, and checks that it can do what it must.
    static ArchiveFolder open(Path root, FileActions files) throws IOException {
        ArchiveFolder folder = new ArchiveFolder(root, files);
        boolean isOpen = false;
        try {
            folder.createWithParents(root);
            folder.make(folder.temporary);
            folder.removeStale(folder.checkLinks());
            folder.forceAll();
            isOpen = true;
            return folder;
        } finally {
            if (!isOpen) {
                folder.removeUnused();
            }
        }
    }

    /// Removes what the opening made, unless something was stored meanwhile, by whomever: a run
    /// that is refused leaves nothing. Another process that opens the same folder in this very
    /// moment is told that it is not there.
    void removeUnused() {
        try {
            if (Files.isDirectory(root) && isUsed()) {
                return;
            }
            for (Path folder : made.reversed()) {
                files.delete(folder); // only if it is empty
            }
        } catch (IOException _) {
            // Somebody else has come: it is theirs now
        }
    }

    private boolean isUsed() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                if (!entry.equals(temporary)) {
                    return true;
                }
            }
            return false;
        }
    }

    FileActions files() {
        return files;
    }

    boolean isThere() {
        return Files.isDirectory(temporary);
    }

    /// A name for a file that is not part of the archive yet.
    Path newTemporary() {
        return temporary.resolve(instance + "-" + lastFile.incrementAndGet());
    }

    /// Gives a file, already forced, its name.
    CreateOutcome link(Path file, Path name) throws IOException {
        Path folder = parent(name);
        makeDurable(folder);
        CreateOutcome outcome;
        try {
            files.link(file, name);
            outcome = new CreateOutcome.Created();
        } catch (FileAlreadyExistsException _) {
            requireObject(name);
            // Forced below all the same: whoever made it may not have come to that, and our caller
            // will rely on what it reads there.
            outcome = new CreateOutcome.AlreadyExists();
        } catch (NoSuchFileException e) {
            durableFolders
                    .clear(); // somebody removed the folder: the next attempt makes it again, if
            // the root is there
            throw e;
        }
        files.forceFolder(folder);
        return outcome;
    }

    /// What is no regular file is no object, and nobody could read what it would be said to be.
    private void requireObject(Path name) throws IOException {
        FileKind found = FileKind.of(name);
        if (found != FileKind.FILE) {
            throw new StoreException.Denied(
                    "%s is %s, wanted an object's file, or nothing".formatted(name, found),
                    "Move it away, and let nobody else change " + root + ".",
                    null);
        }
    }

    /// A temporary file that can't be removed harms nobody and goes when it is stale.
    void discard(Path file) {
        try {
            files.delete(file);
        } catch (NoSuchFileException _) {
            // What was wanted.
        } catch (IOException e) {
            LOG.log(
                    WARNING,
                    "event=temporary_file_left file={0} error=\"{1}\"",
                    file,
                    IoReason.of(e));
        }
    }

    private void makeDurable(Path folder) throws IOException {
        if (folder.equals(root) || durableFolders.contains(folder)) {
            return;
        }
        Path parent = parent(folder);
        makeDurable(parent);
        boolean _ = createIfAbsent(folder);
        files.forceFolder(parent);
        durableFolders.add(folder);
    }

    private void createWithParents(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = parent(folder);
        createWithParents(parent);
        make(folder);
        files.forceFolder(parent);
    }

    private void make(Path folder) throws IOException {
        if (createIfAbsent(folder)) {
            made.add(folder);
        }
    }

    /// @return whether it was not there
    private boolean createIfAbsent(Path folder) throws IOException {
        try {
            files.createFolder(folder);
            return true;
        } catch (FileAlreadyExistsException _) {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            return false;
        }
    }

    /// Without hard links there is no create-if-absent of whole files, hence no archive.
    ///
    /// @return the time by the file system's own clock, which need not be this machine's
    private Instant checkLinks() throws IOException {
        Path file = newTemporary();
        Path link = newTemporary();
        try (FileChannel _ = files.createFile(file)) {
            Instant now = Files.getLastModifiedTime(file).toInstant();
            files.link(file, link);
            return now;
        } catch (AccessDeniedException | NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            if (!Files.exists(file) || FileFailures.isFull(e)) {
                throw e;
            }
            throw new StoreException.Denied(
                    root + ": its file system makes no hard links (" + e.getReason() + ")",
                    "Choose a folder on a file system that does, such as ext4, XFS, Btrfs, ZFS or"
                            + " NFS.",
                    e);
        } finally {
            discard(link);
            discard(file);
        }
    }

    private void removeStale(Instant now) throws IOException {
        FileTime limit = FileTime.from(now.minus(STALE));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(temporary)) {
            for (Path file : left) {
                if (isOlder(file, limit)) {
                    discard(file);
                }
            }
        }
    }

    private static boolean isOlder(Path file, FileTime limit) throws IOException {
        try {
            return Files.getLastModifiedTime(file).compareTo(limit) < 0;
        } catch (NoSuchFileException _) {
            return false; // another process has just finished with it
        }
    }

    /// A process that was killed may have linked a file and not come to force its folder. This one
    /// may find that file in a listing and count on it.
    private void forceAll() throws IOException {
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(root, ArchiveFolder::holdsObjects)) {
            for (Path folder : folders) {
                files.forceFolder(folder);
                durableFolders.add(folder);
            }
        }
        files.forceFolder(root);
        Path parent = root.getParent();
        if (parent != null
                && Files.isReadable(
                        parent)) { // else it is not ours, and the root in it was not made by us
            files.forceFolder(parent);
        }
    }

    /// Not so `lost+found`, which only root may open.
    private static boolean holdsObjects(Path entry) {
        return StoreNames.isValidPart(String.valueOf(entry.getFileName()))
                && Files.isDirectory(entry)
                && Files.isReadable(entry);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException("no folder above " + path);
        }
        return parent;
    }
}
