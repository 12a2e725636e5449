package dev.holdfast.restore;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException.LocalFiles;
import dev.holdfast.storage.WriteBehind;
import dev.holdfast.storage.state.StateFolder;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// The database file that a restore makes: a temporary file beside its place (mode 0600), which
/// gets its name only once it is whole and on disk. Nothing is ever replaced. It is locked
/// meanwhile: one that is not was left by a restore that was killed, and the next one to the same
/// place removes it.
///
/// [#writeBlock] may be called by several threads, all else by one.
final class TargetFile implements AutoCloseable {
    private static final List<String> STRAYS = List.of("-wal", "-shm", "-journal");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path out;
    private final Path temporary;
    private final RandomAccessFile file;
    private final FileChannel channel;
    private final ReentrantLock blocks = new ReentrantLock();
    private final WriteBehind behind;

    private TargetFile(Path out, Path temporary, RandomAccessFile file) {
        this.out = out;
        this.temporary = temporary;
        this.file = file;
        this.channel = file.getChannel();
        this.behind = new WriteBehind(() -> channel.force(false));
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /// Whether a file is there that an application could open: no folder, and no link to nowhere,
    /// behind which SQLite would make an empty database.
    static boolean isFile(Path path) {
        return Files.isRegularFile(path);
    }

    /// Refuses a place where a database is, or where SQLite would take another one's log for that
    /// of the restored one.
    static void checkPlace(Path out) {
        if (exists(out)) {
            throw alreadyThere(out);
        }
        for (String suffix : STRAYS) {
            Path stray = Path.of(out + suffix);
            if (exists(stray)) {
                throw new LocalFiles(
                        stray + " exists: SQLite would apply it to the restored database",
                        "Move the file away, or restore to another name.");
            }
        }
        Path folder = folderOf(out);
        if (!Files.isDirectory(folder)) {
            throw new LocalFiles(
                    "can't restore to " + out + ": there is no folder " + folder,
                    "Create the folder, or restore to another place.");
        }
    }

    static TargetFile create(Path out) {
        checkPlace(out);
        removeLeftBehind(out);
        Path temporary = folderOf(out).resolve(prefix(out) + random());
        try {
            Files.createFile(temporary, StateFolder.ownerOnly("rw-------"));
            RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw");
            FileLock _ = file.getChannel().lock();
            return new TargetFile(out, temporary, file);
        } catch (IOException e) {
            throw failed("create a file in", folderOf(out), e);
        }
    }

    private static String prefix(Path out) {
        return "." + out.getFileName() + ".holdfast-restore-";
    }

    private static void removeLeftBehind(Path out) {
        String prefix = prefix(out);
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(folderOf(out), path -> isOurs(path, prefix))) {
            for (Path path : left) {
                if (isUnlocked(path)) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // It costs room and nothing else, and the next restore tries again
        }
    }

    /// A link or a pipe of that name is somebody else's; opening a pipe would wait.
    private static boolean isOurs(Path path, String prefix) {
        return path.getFileName().toString().startsWith(prefix)
                && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isUnlocked(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    private static String random() {
        return HexFormat.of().toHexDigits(RANDOM.nextLong());
    }

    private static Path folderOf(Path out) {
        Path parent = out.toAbsolutePath().getParent();
        if (parent == null) {
            throw new LocalFiles(out + " is no file's name", "Name the file to restore to.");
        }
        return parent;
    }

    /// Writes all of `bytes` at `offset`, and has them on their way to disk.
    void writeBlock(ByteBuffer bytes, long offset) {
        // The kernel lets one write to a file at a time; those who wait for that burn their
        // processor
        blocks.lock();
        try {
            long length = bytes.remaining();
            writeAll(bytes, offset);
            behind.written(length);
        } catch (IOException e) {
            throw failed("write", temporary, e);
        } finally {
            blocks.unlock();
        }
    }

    /// Writes all of `bytes` at `offset`.
    void write(ByteBuffer bytes, long offset) {
        try {
            writeAll(bytes, offset);
        } catch (IOException e) {
            throw failed("write", temporary, e);
        }
    }

    private void writeAll(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /// Cuts off what lies after `bytes`, or appends zeros up to there.
    void resize(long bytes) {
        try {
            file.setLength(bytes);
        } catch (IOException e) {
            throw failed("set the length of", temporary, e);
        }
    }

    /// Forces the file to disk, gives it its name, and forces the name.
    void publish() {
        try {
            behind.await();
            channel.force(true);
            Files.createLink(out, temporary);
            Files.delete(temporary);
            StateFolder.force(folderOf(out));
        } catch (FileAlreadyExistsException _) {
            throw alreadyThere(out);
        } catch (IOException | UnsupportedOperationException e) {
            throw failed("finish", out, e);
        }
    }

    private static LocalFiles alreadyThere(Path out) {
        return new LocalFiles(
                out + " exists: a restore never replaces a file",
                "Restore to another name, or move the file away together with its -wal and -shm.");
    }

    private static LocalFiles failed(String doing, Path what, Exception e) {
        return new LocalFiles(
                "can't %s %s: %s".formatted(doing, what, IoReason.withoutFile(e)),
                "Check that this user may write there, that the disk has room for the whole"
                        + " database, and that its filesystem has hard links.",
                e);
    }

    /// Removes the temporary file, if it is still there.
    @Override
    public void close() {
        try (file) {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw failed("remove", temporary, e);
        }
    }
}
