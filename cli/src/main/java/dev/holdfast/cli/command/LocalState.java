package dev.holdfast.cli.command;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.state.DatabasePath;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The state folder of a database that is followed on this machine.
///
/// @param folder may be gone
/// @param identity who writes there
record LocalState(Path folder, WriterIdentity identity) {
    /// @param given by the user; the one beside the database if null
    /// @param otherwise what else the user could do, if nobody has followed it here
    static LocalState of(Path database, @Nullable Path given, String otherwise) {
        Path folder = given == null ? StateFolder.beside(database) : given;
        return new LocalState(
                folder,
                StateFolder.readIdentity(folder)
                        .orElseThrow(() ->
                                new SidecarException.LocalFiles(
                                        "no replicate has followed "
                                                + database
                                                + " on this machine: found no writer in "
                                                + folder,
                                        "Check the path, give --state if replicate was given one"
                                                + otherwise)));
    }

    /// Whether it is of this database. One whose path is not there for this process, as in another
    /// container that shares the folder, is known by its file's name.
    boolean isOf(Path database) {
        Path followed = identity.database();
        Path named = DatabasePath.real(database);
        try {
            return followed.equals(named)
                    || (Files.exists(followed)
                            ? Files.exists(named) && Files.isSameFile(followed, named)
                            : followed.endsWith(named.getFileName()));
        } catch (IOException _) {
            return false;
        }
    }
}
