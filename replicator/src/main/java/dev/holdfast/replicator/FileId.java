package dev.holdfast.replicator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/// Tells a file from all others. Asks for names only: opens nothing.
///
/// @param inode with its device; may come again once the file is gone and nobody has it open
/// @param created does not come again; some filesystems don't know it, and give the time of the
///   last change
record FileId(Object inode, FileTime created) {
    static FileId of(Path file) throws IOException {
        return of(file, Files.readAttributes(file, BasicFileAttributes.class));
    }

    static FileId of(Path file, BasicFileAttributes attributes) throws IOException {
        Object inode = attributes.fileKey();
        if (inode == null) {
            throw new IOException("the filesystem of " + file + " has no inode numbers");
        }
        return new FileId(inode, attributes.creationTime());
    }

    /// Whether this file, which somebody has had open ever since, is the one at `path`.
    boolean isOpenedAt(Path path) throws IOException {
        try {
            return isOpened(of(path));
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /// As [#isOpenedAt], of what was found there.
    boolean isOpened(FileId found) {
        return inode.equals(found.inode);
    }

    /// Whether this file, which may be gone by now, is the one at `path`.
    boolean isAt(Path path) throws IOException {
        try {
            return equals(of(path));
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
