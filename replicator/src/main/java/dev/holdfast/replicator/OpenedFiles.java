package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalPosition;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// The files of a database as they were when they were opened, and whether their paths still lead
/// to them. Asks for names only: opens nothing. Belongs to the capture thread.
final class OpenedFiles {
    private final Path path;
    private final FileId database;
    private final FileId wal;
    private final FileId shm;
    private @Nullable WalPosition lastEnd;
    private @Nullable FileStamp lastWal;

    private OpenedFiles(Path path, FileId database, FileId wal, FileId shm) {
        this.path = path;
        this.database = database;
        this.wal = wal;
        this.shm = shm;
    }

    /// @param database the file's, from before it was opened
    static OpenedFiles of(Path path, FileId database) throws IOException {
        return new OpenedFiles(path, database, FileId.of(wal(path)), FileId.of(shm(path)));
    }

    private static Path wal(Path database) {
        return LiveDatabase.sibling(database, "-wal");
    }

    private static Path shm(Path database) {
        return LiveDatabase.sibling(database, "-shm");
    }

    /// Where the path leads.
    sealed interface Place {
        /// Still to the database that was opened.
        record Kept() implements Place {}

        /// To another file, or to none.
        record Lost() implements Place {}

        /// It can't be followed now, as without permission to a folder on the way. What was opened
        /// needs no path: the application goes on with it, and so can we.
        record Unknown(IOException why) implements Place {}
    }

    Place place() {
        try {
            return database.isOpenedAt(path) ? new Place.Kept() : new Place.Lost();
        } catch (IOException e) {
            return new Place.Unknown(e);
        }
    }

    /// Differs from an earlier one if the database file was written since. Empty unless the path is
    /// known to lead to it still; else the WAL is known to be that of this file as far as `now`.
    ///
    /// @param now up to whose end all was captured
    Optional<FileStamp> stampInPlace(WalIndexHeader now) {
        try {
            FileStamp walStamp = stamp(attributes(wal(path)));
            BasicFileAttributes found = attributes(path);
            if (!database.isOpened(FileId.of(path, found))) {
                return Optional.empty();
            }
            lastEnd = now.end();
            lastWal = walStamp;
            return Optional.of(stamp(found));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class);
    }

    private static FileStamp stamp(BasicFileAttributes file) {
        return new FileStamp(file.size(), file.lastModifiedTime());
    }

    /// Whether WAL and wal-index are as they were at the last [#stampInPlace]: only then is all of
    /// the WAL this file's. One who locks exclusively changes the WAL and leaves the wal-index as
    /// it is.
    boolean isAsItWasInPlace(WalIndexHeader oracle) throws IOException {
        Path walPath = wal(path);
        return oracle.end().equals(lastEnd)
                && (!wal.isOpenedAt(walPath) || stamp(attributes(walPath)).equals(lastWal));
    }

    /// Removes the WAL and the wal-index that were opened, where they still lie.
    void removeWal() throws IOException {
        deleteIfOpened(wal, wal(path));
        deleteIfOpened(shm, shm(path));
    }

    private static void deleteIfOpened(FileId id, Path file) throws IOException {
        if (id.isOpenedAt(file)) {
            Files.delete(file);
        }
    }

    /// Tells this database's files from all others.
    Moved moved() {
        return new Moved(database, wal);
    }

    /// A database that was taken from its place.
    record Moved(FileId database, FileId wal) {
        /// Whether it is back.
        boolean isAt(Path path) throws IOException {
            return database.isAt(path);
        }

        /// Whether its WAL lies there still.
        boolean hasWalAt(Path path) throws IOException {
            return wal.isAt(OpenedFiles.wal(path));
        }
    }
}
