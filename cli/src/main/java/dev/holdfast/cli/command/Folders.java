package dev.holdfast.cli.command;

import java.io.IOException;
import java.nio.file.Path;

/// Where the folders lie that a command line names.
final class Folders {
    private Folders() {}

    /// Whether a folder is another, or lies in it, by whatever links they are called. Neither need
    /// be there yet.
    static boolean isWithin(Path folder, Path outer) {
        return real(folder).startsWith(real(outer));
    }

    /// The links in what is there of it are followed.
    private static Path real(Path folder) {
        Path absolute = folder.toAbsolutePath();
        for (Path above = absolute; above != null; above = above.getParent()) {
            try {
                return above.toRealPath().resolve(above.relativize(absolute)).normalize();
            } catch (IOException _) {
                // it is not there: the folder above it may be
            }
        }
        return absolute.normalize();
    }
}
