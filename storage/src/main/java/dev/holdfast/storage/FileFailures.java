package dev.holdfast.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/// Tells what a failure of the file system means for an archive in a folder.
final class FileFailures {
    private FileFailures() {}

    static StoreException explain(Path root, IOException failure) {
        return switch (failure) {
            case StoreException known -> known;
            case AccessDeniedException e ->
                    new StoreException.Denied(
                            named(root, e) + ": permission denied",
                            "Let the user that runs this read, and for writing change, the folder "
                                    + root
                                    + ".",
                            e);
            case NoSuchFileException _ -> notThere(root, failure);
            case NotDirectoryException e ->
                    new StoreException.Denied(
                            e.getFile() + ": not a folder",
                            "Name a folder, or one that can be made.",
                            e);
            default -> explainReason(root, failure);
        };
    }

    /// The root has gone, or another folder has taken its place (a disk that is not mounted). It is
    /// never made again while in use: that would begin a second archive where nobody looks for it.
    static StoreException notThere(Path root, IOException failure) {
        if (Files.exists(root) && !Files.isDirectory(root)) {
            return new StoreException.Unavailable(
                    root + ": the folder is not there, but a file",
                    "Put the folder back in its place.",
                    failure);
        }
        if (!Files.isDirectory(root)) {
            return new StoreException.Unavailable(
                    root + ": the folder is not there",
                    "Check the path, or mount its disk.",
                    failure);
        }
        if (!Files.exists(root.resolve(ArchiveFolder.TEMPORARY))) {
            return new StoreException.Unavailable(
                    root
                            + ": the folder is not there, but another one, without "
                            + ArchiveFolder.TEMPORARY,
                    "Mount its disk again, or put it back; if only .tmp was removed, start again.",
                    failure);
        }
        return new StoreException.Unavailable(
                failure.getMessage() + ": not there anymore",
                "Let nobody else change " + root + ".",
                failure);
    }

    private static StoreException explainReason(Path root, IOException failure) {
        String reason = reason(root, failure);
        String message = root + ": " + reason;
        if (isReadOnly(root)) {
            return new StoreException.Denied(
                    message, "Mount the file system of " + root + " writable.", failure);
        }
        if (Files.exists(root) && !Files.isDirectory(root)) {
            return notThere(root, failure);
        }
        // The C library's words: Java has no type for these.
        if (reason.contains("Operation not permitted")) {
            return new StoreException.Denied(
                    message, "Lift the lock or attribute that protects " + root + ".", failure);
        }
        if (isFull(failure)) {
            return new StoreException.Unavailable(
                    message, "Make room on the disk of " + root + ".", failure);
        }
        if (reason.contains("Too many open files")) {
            return new StoreException.Unavailable(
                    message, "Raise the limit of open files (ulimit -n).", failure);
        }
        return new StoreException.Unavailable(message, "Check the disk of " + root + ".", failure);
    }

    /// Whether there is no room: no byte, no inode, or none for this user.
    static boolean isFull(IOException failure) {
        String reason = String.valueOf(failure.getMessage());
        return reason.contains("No space left") || reason.contains("quota");
    }

    private static String reason(Path root, IOException failure) {
        if (failure instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason() + " (" + named(root, e) + ")";
        }
        return String.valueOf(failure.getMessage());
    }

    /// A temporary file's name says nothing to an operator, and is another one at each try: then
    /// one trouble would look like many.
    private static String named(Path root, FileSystemException failure) {
        Path temporary = root.resolve(ArchiveFolder.TEMPORARY);
        String file = String.valueOf(failure.getFile());
        return file.startsWith(temporary + "/") ? temporary.toString() : file;
    }

    /// Asked of the system rather than read from the message, whose words depend on the locale.
    private static boolean isReadOnly(Path root) {
        try {
            return Files.getFileStore(root).isReadOnly();
        } catch (IOException _) {
            return false; // the failure that is being explained stays the one that counts
        }
    }
}
