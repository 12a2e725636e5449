package dev.holdfast.storage;

import dev.holdfast.format.failure.SidecarException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// What stands under a name, behind links. It is asked for before anything is opened that somebody
/// else may have put there: opening a pipe waits for whoever is at its other end, and a device may
/// never end.
public enum FileKind {
    FILE("a file"),
    FOLDER("a folder"),
    PIPE("a pipe"),
    SOCKET("a socket"),
    DEVICE("a device"),
    LINK_TO_NOWHERE("a link that leads nowhere");

    // POSIX, sys/stat.h: S_IFMT and what it leaves of st_mode
    private static final int MASK = 0170000;
    private static final int IS_PIPE = 0010000;
    private static final int IS_SOCKET = 0140000;

    private final String words;

    FileKind(String words) {
        this.words = words;
    }

    /// What is there.
    ///
    /// @throws NoSuchFileException if nothing is
    public static FileKind of(Path path) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            if (found.isRegularFile()) {
                return FILE;
            }
            if (found.isDirectory()) {
                return FOLDER;
            }
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            return switch (mode & MASK) {
                case IS_PIPE -> PIPE;
                case IS_SOCKET -> SOCKET;
                default -> DEVICE;
            };
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(path)) {
                return LINK_TO_NOWHERE;
            }
            throw e;
        }
    }

    /// Refuses what stands in a state folder under a name of ours, and is not what we make there.
    public void require(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        FileKind found = of(path);
        if (found != this) {
            throw new SidecarException.LocalFiles(
                    "%s is %s, wanted %s".formatted(path, found, this),
                    "Move it away, or name another state folder.");
        }
    }

    @Override
    public String toString() {
        return words;
    }
}
