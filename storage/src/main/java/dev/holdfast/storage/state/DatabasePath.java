package dev.holdfast.storage.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a database file lies, by whatever name it was called: links are followed as SQLite follows
/// them, which puts `-wal` and `-shm` beside the file and not beside a link to it.
public final class DatabasePath {
    /// More than Linux follows.
    private static final int MOST_LINKS = 100;

    private DatabasePath() {}

    /// The one path of that file. Of a file that is not there yet, where it would be made.
    public static Path real(Path named) {
        Path path = named.toAbsolutePath();
        try {
            if (Files.exists(path)) {
                return path.toRealPath();
            }
            for (int i = 0; i < MOST_LINKS && Files.isSymbolicLink(path); i++) {
                path = path.resolveSibling(Files.readSymbolicLink(path));
            }
            Path folder = path.getParent();
            return folder != null && Files.isDirectory(folder)
                    ? folder.toRealPath().resolve(path.getFileName())
                    : path.normalize();
        } catch (IOException _) {
            return path.normalize(); // whoever opens it will find out
        }
    }

    /// Whether links on the way lead back to where they began, so that no file can ever be there.
    public static boolean isInCircle(Path named) {
        for (Path path = real(named); path != null; path = path.getParent()) {
            if (Files.isSymbolicLink(real(path))) {
                return true;
            }
        }
        return false;
    }
}
