package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.Folders;
import dev.holdfast.cli.config.DatabaseConfig;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import java.nio.file.Path;
import java.util.List;

/// Where a database is to be shipped to. What can be known to be wrong with that is refused before
/// anything is made or asked.
///
/// @param locations the first says whose the archive is
record Places(List<StoreLocation> locations) {
    /// Throws for what is no location, or one too many.
    static Places parse(List<String> texts) {
        if (texts.size() > WriterIdentity.MAX_STORES) {
            throw new SidecarException.BadUsage(
                    "--to: found %d archives, wanted %d at most"
                            .formatted(texts.size(), WriterIdentity.MAX_STORES),
                    "Ship to fewer places.");
        }
        Places places = new Places(texts.stream().map(Stores::parse).toList());
        for (int i = 0; i < texts.size(); i++) {
            for (int before = 0; before < i; before++) {
                refuseOverlap(places.locations.get(before), places.locations.get(i));
            }
        }
        return places;
    }

    /// Those of the configuration file, of which it is known that they don't overlap.
    static Places of(DatabaseConfig told) {
        return new Places(
                told.to().stream().map(destination -> destination.location().value()).toList());
    }

    private static void refuseOverlap(StoreLocation one, StoreLocation other) {
        if (Folders.overlap(one, other)) {
            throw new SidecarException.BadUsage(
                    "--to: %s and %s are the same place, or one lies in the other"
                            .formatted(one, other),
                    "Name two places that have nothing in common, or one of them alone.");
        }
    }

    /// The state of whatever database it is: as [#refuseOverlap], where nobody has named the state
    /// folder.
    void refuseStateFolders() {
        for (StoreLocation place : locations) {
            if (place instanceof StoreLocation.Folder(Path archive)) {
                StateFolder.identityAround(Folders.real(archive))
                        .ifPresent(identity -> {
                            throw new SidecarException.BadUsage(
                                    "--to: the archive %s lies in a state folder: found %s"
                                            .formatted(archive, identity),
                                    "Give --to a folder elsewhere; an archive that lies there"
                                            + " already can be moved while nothing writes to it.");
                        });
            }
        }
    }

    /// An archive holds only what it wrote itself, and so does a state folder: whoever copies or
    /// removes the one must not come by the other.
    void refuseOverlap(Path stateFolder) {
        for (StoreLocation place : locations) {
            if (place instanceof StoreLocation.Folder(Path archive)) {
                refuseOverlap(archive, stateFolder);
            }
        }
    }

    private static void refuseOverlap(Path archive, Path stateFolder) {
        if (Folders.isWithin(archive, stateFolder)) {
            throw new SidecarException.BadUsage(
                    "--to: the archive " + archive + " lies in the state folder " + stateFolder,
                    "Give --to a folder elsewhere.");
        }
        if (Folders.isWithin(stateFolder, archive)) {
            throw new SidecarException.BadUsage(
                    "--state: the state folder " + stateFolder + " lies in the archive " + archive,
                    "Give --state, or --to, a folder elsewhere.");
        }
    }
}
