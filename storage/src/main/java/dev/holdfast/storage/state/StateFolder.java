package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The folder in which a writer keeps what it must know at its next start: who it is, the page map,
/// the spool.
///
/// ```
/// lock     held by the process that writes
/// writer   identity: archive id, writer id, store
/// pages    the page map at a point of the log
/// spool/   captured segments (the replicator's)
/// ```
///
/// Every file is replaced whole: written beside, forced, renamed. Owned by one process while open.
public final class StateFolder implements AutoCloseable {
    private static final String IDENTITY = "writer";
    private static final String PAGES = "pages";
    private static final Pattern IDENTITY_LINES =
            Pattern.compile(
                    """
                    holdfast writer 1
                    archive ([0-9a-f]{32})
                    writer ([0-9a-f]{16})
                    store ([^\n]*)
                    """);
    private static final int MAX_IDENTITY_BYTES = 1 << 16;

    private final Path folder;
    private final FileChannel lockFile;

    private StateFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /// Where a database's state lies unless told otherwise: `.<name>-holdfast` beside it.
    public static Path beside(Path database) {
        Path name = database.toAbsolutePath().getFileName();
        if (name == null) {
            throw new IllegalArgumentException("no file name in " + database);
        }
        return database.toAbsolutePath().resolveSibling("." + name + "-holdfast");
    }

    /// Opens the folder, makes it if it is not there (mode 0700), and locks it for this process.
    public static StateFolder open(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, ownerOnly("rwx------"));
                force(parentOf(folder));
            }
            FileChannel lockFile =
                    FileChannel.open(
                            folder.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (!isLocked(lockFile)) {
                lockFile.close();
                throw new SidecarException.Fenced(
                        "another holdfast process is using the state folder " + folder,
                        "Stop the other process, or follow the other database's file.");
            }
            return new StateFolder(folder, lockFile);
        } catch (IOException e) {
            throw localFiles("open the state folder", folder, e);
        }
    }

    private static boolean isLocked(FileChannel lockFile) throws IOException {
        try {
            @Nullable FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    /// A new folder for a database that was just restored, so that a replicator started on it goes
    /// on where the log ends. Whatever lay there of an earlier database is not touched: then
    /// nothing is written, and the replicator will find out by itself.
    public static void createRestored(Path folder, SavedPages restored) {
        try (StateFolder state = open(folder)) {
            if (Files.exists(folder.resolve(IDENTITY)) || Files.exists(folder.resolve(PAGES))) {
                return;
            }
            state.savePages(restored);
        }
    }

    public Path path() {
        return folder;
    }

    /// Where the replicator keeps captured segments; may not exist yet.
    public Path spool() {
        return spoolIn(folder);
    }

    /// As [#spool], without opening or locking: for `status`.
    public static Path spoolIn(Path folder) {
        return folder.resolve("spool");
    }

    /// Who writes here; empty before the first start.
    public Optional<WriterIdentity> identity() {
        return readIdentity(folder);
    }

    /// As [#identity], without opening or locking: for `status`.
    public static Optional<WriterIdentity> readIdentity(Path folder) {
        Path file = folder.resolve(IDENTITY);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > MAX_IDENTITY_BYTES) {
                throw damaged(file);
            }
            Matcher lines = IDENTITY_LINES.matcher(Files.readString(file, StandardCharsets.UTF_8));
            if (!lines.matches()) {
                throw damaged(file);
            }
            return Optional.of(
                    new WriterIdentity(
                            ArchiveId.parse(lines.group(1)),
                            WriterId.parse(lines.group(2)),
                            lines.group(3)));
        } catch (IOException e) {
            throw localFiles("read", file, e);
        }
    }

    private static SidecarException damaged(Path file) {
        return new SidecarException.LocalFiles(
                file
                        + " is damaged: found other content, wanted the four lines that holdfast"
                        + " writes",
                "Remove the state folder; the next start with --take-over then rebases.");
    }

    public void saveIdentity(WriterIdentity identity) {
        String text =
                """
                holdfast writer 1
                archive %s
                writer %s
                store %s
                """
                        .formatted(identity.archive(), identity.writer(), identity.store());
        Path file = folder.resolve(IDENTITY);
        try {
            Path beside = folder.resolve(IDENTITY + ".new");
            try (FileChannel channel =
                    FileChannel.open(
                            beside,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            replace(beside, file);
        } catch (IOException e) {
            throw localFiles("write", file, e);
        }
    }

    /// The page map as last saved; empty if there is none, or none that is whole.
    public Optional<SavedPages> pages() {
        Path file = folder.resolve(PAGES);
        try {
            return Files.exists(file) ? PagesFile.read(file) : Optional.empty();
        } catch (IOException e) {
            throw localFiles("read", file, e);
        }
    }

    /// Durable when this returns.
    public void savePages(SavedPages saved) {
        Path file = folder.resolve(PAGES);
        try {
            Path beside = folder.resolve(PAGES + ".new");
            PagesFile.write(beside, saved);
            replace(beside, file);
        } catch (IOException e) {
            throw localFiles("write", file, e);
        }
    }

    /// There is no page map any more: what was saved is of a history that has ended.
    public void removePages() {
        try {
            Files.deleteIfExists(folder.resolve(PAGES));
            force(folder);
        } catch (IOException e) {
            throw localFiles("remove", folder.resolve(PAGES), e);
        }
    }

    private void replace(Path beside, Path file) throws IOException {
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the filesystem of " + folder + " can't rename atomically", e);
        }
        force(folder);
    }

    /// Makes the names in a folder durable.
    public static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// For creating files and folders that only their owner may read.
    public static FileAttribute<?> ownerOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static Path parentOf(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path.toAbsolutePath() : parent;
    }

    private static SidecarException localFiles(String doing, Path what, IOException e) {
        return new SidecarException.LocalFiles(
                "can't " + doing + " " + what + ": " + e,
                "Check that the folder exists, that this user may write there, and that the disk"
                        + " has room.",
                e);
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw localFiles("close", folder, e);
        }
    }
}
