package dev.holdfast.cli.command;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.history.ArchiveStatus;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.Optional;

/// Says what is durable, asked of the store, and what waits on this machine.
///
/// It reads the state folder and the store. It never opens the database: beside a running replicate
/// that would do no harm, but it would tell nothing either.
@Command(
        name = "status",
        description =
                "Says what is captured, durable and waiting, and how old it is; of each archive"
                        + " that DB is shipped to.")
public final class StatusCommand implements Runnable {
    private final Surroundings surroundings;

    @ArgGroup(multiplicity = "1")
    private Subject subject = new Subject();

    @Option(
            names = "--state",
            paramLabel = "FOLDER",
            description = "The state folder of DB, if replicate was given one.")
    private @Nullable Path state;

    @Mixin private SharedOptions shared = new SharedOptions();

    /// Whose status; one of both.
    private static final class Subject {
        @Parameters(paramLabel = "DB", description = "The database that replicate follows.")
        private @Nullable Path database;

        @Option(names = "--from", paramLabel = "ARCHIVE", description = SharedOptions.ARCHIVE)
        private @Nullable String from;
    }

    public StatusCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        if (subject.database == null) {
            ofArchive();
        } else {
            LocalState local =
                    LocalState.of(subject.database, state, ", or ask an archive with --from.");
            ofDatabase(local.folder(), local.identity());
        }
    }

    private void ofArchive() {
        if (state != null) {
            throw new SidecarException.BadUsage(
                    "--state: found " + state + " without a database",
                    "Name the database, or leave --state out: --from asks the archive alone.");
        }
        try (ObjectStore store = Stores.openForAsking(String.valueOf(subject.from))) {
            ArchiveStatus archive = ArchiveStatus.read(store, surroundings.clock());
            tell(store.location(), archive, Optional.empty());
        }
    }

    /// Each store is asked, whatever becomes of the others.
    private void ofDatabase(Path folder, WriterIdentity identity) {
        @Nullable SidecarException first = null;
        for (String location : identity.stores()) {
            if (!location.equals(identity.stores().getFirst()) && !shared.isJson()) {
                surroundings.out().println();
            }
            try {
                ofStore(location, folder, identity);
            } catch (SidecarException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /// What this machine knows is told whatever becomes of the store.
    private void ofStore(String location, Path folder, WriterIdentity identity) {
        @Nullable ObjectStore store = null;
        ArchiveStatus archive;
        LocalStatus local;
        try {
            store = open(location);
            archive = ArchiveStatus.read(store, surroundings.clock());
            requireOwn(archive, store, folder, identity);
            local = LocalStatus.beside(archive, store, identity, folder);
        } catch (SidecarException e) {
            tell(location, e, LocalStatus.alone(identity, folder));
            throw e;
        } finally {
            if (store != null) {
                store.close();
            }
        }
        tell(location, archive, Optional.of(local));
    }

    private static void requireOwn(
            ArchiveStatus archive, ObjectStore store, Path folder, WriterIdentity identity) {
        if (!archive.info().equals(identity.archive())) {
            throw new SidecarException.CorruptArchive(
                    "%s holds archive %s, but the state folder %s belongs to archive %s"
                            .formatted(
                                    store.location(),
                                    archive.info().id(),
                                    folder,
                                    identity.archive().id()),
                    "Put the archive back in its place; ask the one that is there with --from.");
        }
    }

    private void tell(String location, ArchiveStatus archive, Optional<LocalStatus> local) {
        if (shared.isJson()) {
            surroundings.out().println(StatusJson.of(location, archive, local));
        } else {
            new StatusText(surroundings.out()).print(location, archive, local);
        }
        Optional<SidecarException.CorruptArchive> loss = archive.loss();
        if (loss.isPresent()) {
            throw loss.get();
        }
    }

    private void tell(String location, SidecarException problem, LocalStatus local) {
        String why = String.valueOf(problem.getMessage());
        if (shared.isJson()) {
            surroundings.out().println(StatusJson.of(location, why, local));
        } else {
            new StatusText(surroundings.out()).print(location, why, local);
        }
    }

    /// One that the state folder names.
    private static ObjectStore open(String location) {
        try {
            return Stores.openForAsking(location);
        } catch (SidecarException.BadConfig e) {
            throw new SidecarException.LocalFiles(
                    "the state folder names an archive that can't be found by that name: "
                            + e.getMessage(),
                    "Start replicate once, which writes the name anew; or ask the archive itself,"
                            + " with --from.",
                    e);
        }
    }
}
