package dev.holdfast.cli.config;

import dev.holdfast.cli.argument.Folders;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.state.DatabasePath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds what the entries of a file must not have in common: databases, places of archives, state
/// folders. The later one of two is blamed.
final class Collisions {
    private final Problems problems;
    private final Map<Object, LineColumn> databases = new HashMap<>();
    private final List<Archive> archives = new ArrayList<>();
    private final List<State> states = new ArrayList<>();

    private Collisions(Problems problems) {
        this.problems = problems;
    }

    /// @param place with a folder's real path
    private record Archive(StoreLocation place, String text, LineColumn at) {}

    /// @param real path of the folder
    private record State(Path real, Path folder, LineColumn at) {}

    static void check(List<DatabaseConfig> databases, Problems problems) {
        Collisions collisions = new Collisions(problems);
        databases.forEach(collisions::add);
    }

    private void add(DatabaseConfig database) {
        boolean isNew = addPath(database);
        for (DestinationConfig destination : database.to()) {
            Setting<StoreLocation> location = destination.location();
            addArchive(
                    new Archive(Folders.real(location.value()), location.text(), place(location)));
        }
        // A second entry of one database has its state folder too, which would say it again
        if (isNew) {
            Setting<Path> state = database.stateFolder();
            addState(
                    new State(
                            Folders.real(state.value()),
                            state.value(),
                            state.from().orElse(place(database.path()))));
        }
    }

    /// Whether it is the first of this file.
    private boolean addPath(DatabaseConfig database) {
        Path path = database.path().value();
        LineColumn at = place(database.path());
        LineColumn before = databases.putIfAbsent(identity(DatabasePath.real(path)), at);
        if (before == null) {
            return true;
        }
        problems.add(
                at,
                "path: %s is the database of line %d".formatted(path, before.line()),
                "Leave one of them out; one database with several places has several entries"
                        + " below to.");
        return false;
    }

    /// Of a file that is there its inode, so that a second name of it is known.
    private static Object identity(Path path) {
        try {
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return key == null ? path : key;
        } catch (IOException _) {
            return path;
        }
    }

    private void addArchive(Archive archive) {
        for (Archive before : archives) {
            if (Folders.realOverlap(before.place, archive.place)) {
                problems.add(
                        archive.at,
                        "to: %s and %s (line %d) are the same place, or one lies in the other"
                                .formatted(archive.text, before.text, before.at.line()),
                        "Give each database, and each of its copies, a place of its own.");
                break;
            }
        }
        states.forEach(state -> compare(state, archive, archive.at));
        archives.add(archive);
    }

    private void addState(State state) {
        for (State before : states) {
            if (isNested(before.real, state.real)) {
                problems.add(
                        state.at,
                        "state: %s and %s (line %d) are the same folder, or one lies in the other"
                                .formatted(state.folder, before.folder, before.at.line()),
                        "Give each database a state folder of its own, or leave state out.");
                break;
            }
        }
        archives.forEach(archive -> compare(state, archive, state.at));
        states.add(state);
    }

    private void compare(State state, Archive archive, LineColumn at) {
        if (archive.place instanceof StoreLocation.Folder(Path root)
                && isNested(state.real, root)) {
            problems.add(
                    at,
                    "the state folder %s and the archive %s are the same folder, or one lies in the other"
                            .formatted(state.folder, archive.text),
                    "Name a folder elsewhere for one of them.");
        }
    }

    private static boolean isNested(Path one, Path other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private static LineColumn place(Setting<?> setting) {
        return setting.from().orElse(LineColumn.BEGINNING);
    }
}
