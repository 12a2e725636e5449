package dev.holdfast.replicator;

import dev.holdfast.storage.state.DatabasePath;
import dev.holdfast.wal.DatabaseHeader;
import dev.holdfast.wal.DatabaseHeaderStep;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What lies at the database's path before anything of ours is connected to it. Opens and closes
/// the file, so it must not be used while a [LiveDatabase] is open on it.
sealed interface DatabaseLook {
    record Missing() implements DatabaseLook {}

    /// Zero bytes: an application has opened it and not written yet.
    record Empty() implements DatabaseLook {}

    /// In WAL mode: it can be followed.
    record Wal(DatabaseHeader header) implements DatabaseLook {}

    /// In rollback-journal mode, as a new database is until its application switches WAL on.
    record RollbackJournal(String found, String remedy) implements DatabaseLook {}

    /// A transaction was under way past any WAL, as in the midst of switching it on. Whoever opens
    /// the database next rolls it back, which writes to the file: that is not for us to do.
    record HotJournal() implements DatabaseLook {}

    /// What is no file has the name of one that SQLite keeps beside the database. It is not opened:
    /// a pipe makes whoever opens it wait for its other end.
    record Irregular(String found) implements DatabaseLook {}

    /// It can't be followed, or is no database.
    record Refused(String found, String remedy) implements DatabaseLook {}

    /// Filesystems on which WAL mode corrupts or locks don't hold (SQLite: "WAL does not work over
    /// a network filesystem").
    Set<String> REFUSED_FILESYSTEMS =
            Set.of(
                    "nfs",
                    "nfs4",
                    "cifs",
                    "smb",
                    "smb2",
                    "smb3",
                    "smbfs",
                    "9p",
                    "v9fs",
                    "virtiofs",
                    "fuseblk",
                    "ceph",
                    "afs");

    static DatabaseLook at(Path path) throws IOException {
        BasicFileAttributes found;
        try {
            // Files.exists takes what may not be looked at for missing
            found = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException _) {
            return new Missing();
        } catch (FileSystemException e) {
            if (DatabasePath.isInCircle(path)) {
                return new Refused(
                        path + " can never be there: links on the way lead back to themselves",
                        "Name the database file itself, or mend the links.");
            }
            throw e;
        }
        if (!found.isRegularFile()) {
            return new Refused(path + " is not a regular file", "Name the database file itself.");
        }
        String filesystem = Files.getFileStore(path).type().toLowerCase(Locale.ROOT);
        if (REFUSED_FILESYSTEMS.contains(filesystem) || filesystem.startsWith("fuse.")) {
            return new Refused(
                    path
                            + " lies on a filesystem of type "
                            + filesystem
                            + ", on which SQLite's WAL is not safe",
                    "Move the database to a local filesystem, and run holdfast on the same"
                            + " machine.");
        }
        return header(path);
    }

    private static DatabaseLook header(Path path) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(DatabaseHeader.BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (first.hasRemaining() && channel.read(first) >= 0) {
                // a short read is legal
            }
        } catch (NoSuchFileException _) {
            return new Missing();
        }
        return switch (DatabaseHeader.readFrom(MemorySegment.ofBuffer(first.flip()))) {
            case DatabaseHeaderStep.Empty _ -> new Empty();
            case DatabaseHeaderStep.Valid(DatabaseHeader header) -> byMode(path, header);
            case DatabaseHeaderStep.Truncated(long bytes) ->
                    notADatabase(path, bytes + " bytes, wanted at least 100");
            case DatabaseHeaderStep.NotADatabase(String found) ->
                    notADatabase(path, "'" + found + "' at its beginning");
            case DatabaseHeaderStep.BadPageSize(int found) ->
                    notADatabase(path, "a page size of " + found);
        };
    }

    private static Refused notADatabase(Path path, String found) {
        return new Refused(
                path + " is not an SQLite database: found " + found,
                "Check the path; an encrypted database (SQLCipher) can't be followed.");
    }

    /// As SQLite has it, but for its look at who has the database open: a journal that is there,
    /// and does not begin with zero, as one does that is kept after its transaction.
    private static boolean isJournalHot(Path path) throws IOException {
        try (InputStream journal =
                Files.newInputStream(LiveDatabase.sibling(path.toRealPath(), "-journal"))) {
            return journal.read() > 0;
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    private static DatabaseLook byJournal(Path path, DatabaseHeader header) throws IOException {
        Optional<String> irregular = Siblings.irregular(path.toRealPath());
        if (irregular.isPresent()) {
            return new Irregular(irregular.get());
        }
        return isJournalHot(path) ? new HotJournal() : new Wal(header);
    }

    private static DatabaseLook byMode(Path path, DatabaseHeader header) throws IOException {
        return switch (header.journalMode()) {
            case ROLLBACK ->
                    new RollbackJournal(
                            path
                                    + " is in rollback-journal mode, which can't be followed;"
                                    + " wanted journal_mode=WAL",
                            "Let the application itself ask for journal_mode=WAL if it sets a mode"
                                + " whenever it connects: beside Holdfast any other mode gets it"
                                + " \"database is locked\". If it sets none, run PRAGMA"
                                + " journal_mode=WAL once while it is stopped; the mode stays with"
                                + " the file.");
            case WAL -> byJournal(path, header);
            case WAL2, UNKNOWN ->
                    new Refused(
                            path
                                    + " has write version "
                                    + header.writeVersion()
                                    + ", wanted 2 (WAL); 3 is WAL2",
                            "Switch the database to journal_mode=WAL with a stock SQLite.");
        };
    }
}
