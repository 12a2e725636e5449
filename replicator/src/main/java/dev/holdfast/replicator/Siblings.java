package dev.holdfast.replicator;

import dev.holdfast.storage.FileKind;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The names that SQLite gives to files beside a database, each of which it opens without a look at
/// what it is. Opens nothing.
final class Siblings {
    private static final List<String> SUFFIXES = List.of("-journal", "-wal", "-shm");

    private Siblings() {}

    /// One that is no file, in words; empty if all that there are are files.
    ///
    /// @param database without symbolic links
    static Optional<String> irregular(Path database) throws IOException {
        for (String suffix : SUFFIXES) {
            Path file = LiveDatabase.sibling(database, suffix);
            Optional<FileKind> kind = kind(file);
            if (kind.isPresent() && kind.get() != FileKind.FILE) {
                return Optional.of("%s is %s, wanted a file".formatted(file, kind.get()));
            }
        }
        return Optional.empty();
    }

    /// For who is about to have SQLite open the database once more.
    static void requireFiles(Path database) throws LiveDatabaseException {
        try {
            Optional<String> irregular = irregular(database);
            if (irregular.isPresent()) {
                throw new LiveDatabaseException(irregular.get());
            }
        } catch (IOException e) {
            throw new LiveDatabaseException("can't look beside " + database + ": " + e, e);
        }
    }

    /// A link that leads nowhere is nothing to SQLite either.
    private static Optional<FileKind> kind(Path file) throws IOException {
        try {
            return Optional.of(FileKind.of(file)).filter(kind -> kind != FileKind.LINK_TO_NOWHERE);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }
}
