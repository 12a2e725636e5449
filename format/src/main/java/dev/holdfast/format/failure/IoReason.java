package dev.holdfast.format.failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file could not be read or written, in words: Java says much of it by the names of its
/// classes only.
public final class IoReason {
    private IoReason() {}

    /// The reason, with the file if it is known.
    public static String of(Exception failure) {
        return switch (failure) {
            case UncheckedIOException e when e.getCause() != null -> of(e.getCause());
            case FileSystemException e when e.getFile() != null ->
                    e.getFile() + ": " + withoutFile(e);
            default -> withoutFile(failure);
        };
    }

    /// The reason, for a message that names the file already.
    public static String withoutFile(Exception failure) {
        return switch (failure) {
            case FileSystemException e when e.getReason() != null -> e.getReason();
            case NoSuchFileException _ -> "it is not there";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "it exists already";
            case NotDirectoryException _ -> "it is not a folder";
            case DirectoryNotEmptyException _ -> "the folder is not empty";
            case FileSystemException _ -> "it can't be used";
            case ClosedChannelException _ -> "the file was closed";
            default -> withoutWords(failure);
        };
    }

    private static String withoutWords(Exception failure) {
        String message = failure.getMessage();
        if (message != null) {
            return message;
        }
        return failure instanceof IOException ? "an input or output error" : failure.toString();
    }
}
