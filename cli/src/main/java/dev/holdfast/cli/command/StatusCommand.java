package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.Times;
import dev.holdfast.format.Micros;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.SpoolStatus;
import dev.holdfast.restore.RestorePoint;
import dev.holdfast.restore.history.ArchiveStatus;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Says what is durable, asked of the store, and what waits on this machine.
///
/// It reads the state folder and the store. It never opens the database: beside a running replicate
/// that would do no harm, but it would tell nothing either.
@Command(
        name = "status",
        description = "Says what is captured, durable and waiting, and how old it is.")
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

        @Option(names = "--from", paramLabel = "FOLDER", description = "The archive.")
        private @Nullable String from;
    }

    /// What is known on this machine.
    private record Local(WriterIdentity identity, Optional<SpoolStatus> spool) {}

    public StatusCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Path folder = stateFolder();
        WriterIdentity identity = folder == null ? null : identity(folder);
        try (ObjectStore store = open(identity)) {
            ArchiveStatus archive = ArchiveStatus.read(store, surroundings.clock());
            Optional<Local> local =
                    folder == null || identity == null
                            ? Optional.empty()
                            : Optional.of(
                                    new Local(
                                            identity, SpoolStatus.read(folder, archive.lastSeq())));
            if (shared.isJson()) {
                surroundings.out().println(json(store.location(), archive, local));
            } else {
                print(store.location(), archive, local);
            }
            Optional<SidecarException.CorruptArchive> loss = archive.loss();
            if (loss.isPresent()) {
                throw loss.get();
            }
        }
    }

    private ObjectStore open(@Nullable WriterIdentity identity) {
        CountDownLatch stop = new CountDownLatch(1);
        if (identity == null) {
            return Stores.openForReading(String.valueOf(subject.from), stop);
        }
        try {
            return Stores.openForReading(identity.store(), stop);
        } catch (SidecarException.BadConfig e) {
            throw new SidecarException.LocalFiles(
                    "the state folder names an archive that can't be found by that name: "
                            + e.getMessage(),
                    "Start replicate once, which writes the name anew; or ask the archive itself,"
                            + " with --from.",
                    e);
        }
    }

    private @Nullable Path stateFolder() {
        if (subject.database == null) {
            if (state != null) {
                throw new SidecarException.BadUsage(
                        "--state: found " + state + " without a database",
                        "Name the database, or leave --state out: --from asks the archive alone.");
            }
            return null;
        }
        return state == null ? StateFolder.beside(subject.database) : state;
    }

    private WriterIdentity identity(Path folder) {
        return StateFolder.readIdentity(folder)
                .orElseThrow(() ->
                        new SidecarException.LocalFiles(
                                "no replicate has followed "
                                        + subject.database
                                        + " on this machine: found no writer in "
                                        + folder,
                                "Check the path, give --state if replicate was given one,"
                                        + " or ask an archive with --from."));
    }

    private JsonObject json(String location, ArchiveStatus archive, Optional<Local> local) {
        return new JsonObject()
                .put("archive", archive.info().id().toString())
                .put("location", location)
                .put("durable", archive.last().map(StatusCommand::json).orElse(null))
                .put("segment", archive.lastSeq())
                .put("writer", archive.lastWriter().map(Object::toString).orElse(null))
                .put("snapshot", archive.newestSnapshot().map(this::json).orElse(null))
                .put("snapshots", archive.snapshotCount())
                .put("log_objects", archive.logObjectCount())
                .put("log_bytes", archive.logBytes())
                .put("oldest_restorable", archive.oldestRestorable().map(this::json).orElse(null))
                .put("newest_restorable", archive.newestRestorable().map(this::json).orElse(null))
                .put("damage", archive.loss().map(Throwable::getMessage).orElse(null))
                .put("local", local.map(it -> json(it, archive)).orElse(null));
    }

    private static JsonObject json(ArchiveStatus.Dated dated) {
        return new JsonObject()
                .put("tx", dated.point().tx())
                .put("time", Micros.toInstant(dated.point().micros()))
                .put("age_seconds", dated.age().toNanos() / 1e9);
    }

    private JsonObject json(ArchiveStatus.Snapshot snapshot) {
        return json(snapshot.at())
                .put("segment", snapshot.seq())
                .put("database_pages", snapshot.databasePages())
                .put("bytes", snapshot.bytes());
    }

    private JsonObject json(RestorePoint point) {
        return new JsonObject().put("tx", point.tx()).put("time", Micros.toInstant(point.micros()));
    }

    private static JsonObject json(Local local, ArchiveStatus archive) {
        return new JsonObject()
                .put("writer", local.identity().writer().toString())
                .put("is_last_writer", isLastWriter(local, archive))
                .put("captured_tx", local.spool().map(SpoolStatus::capturedTx).orElse(null))
                .put(
                        "waiting_transactions",
                        local.spool().map(SpoolStatus::waitingTransactions).orElse(0L))
                .put("waiting_bytes", local.spool().map(SpoolStatus::waitingBytes).orElse(0L));
    }

    private static boolean isLastWriter(Local local, ArchiveStatus archive) {
        return archive.lastWriter().map(local.identity().writer()::equals).orElse(true);
    }

    private void print(String location, ArchiveStatus archive, Optional<Local> local) {
        PrintStream out = surroundings.out();
        out.println("archive    " + archive.info().id() + " in " + location);
        local.ifPresent(it -> print(it, archive));
        out.println(
                "durable    "
                        + archive.last().map(StatusCommand::text).orElse("nothing is durable yet"));
        out.println(
                "log        "
                        + Amounts.size(archive.logBytes())
                        + " in "
                        + Amounts.count(archive.logObjectCount(), "object", "objects")
                        + ", up to segment "
                        + archive.lastSeq());
        out.println(
                "snapshot   "
                        + archive.newestSnapshot()
                                .map(it -> Amounts.size(it.bytes()) + ", of " + text(it.at()))
                                .orElse(
                                        archive.snapshotCount() == 0
                                                ? "none is complete yet"
                                                : "none that can be restored"));
        out.println(
                "restorable "
                        + (archive.oldestRestorable().isEmpty()
                                        || archive.newestRestorable().isEmpty()
                                ? nothingRestorable(archive)
                                : "from "
                                        + text(archive.oldestRestorable().get())
                                        + " to "
                                        + text(archive.newestRestorable().get())));
    }

    private static String nothingRestorable(ArchiveStatus archive) {
        return archive.snapshotCount() == 0
                ? "nothing yet: the first snapshot is not complete"
                : "nothing: the log, or a part of it that is needed, is missing";
    }

    private void print(Local local, ArchiveStatus archive) {
        PrintStream out = surroundings.out();
        if (!isLastWriter(local, archive)) {
            out.println(
                    "FENCED     another writer has the archive: "
                            + archive.lastWriter().map(Object::toString).orElse(""));
        }
        out.println(
                "captured   "
                        + local.spool()
                                .map(it ->
                                        "transaction "
                                                + it.capturedTx()
                                                + " of "
                                                + Times.rfc3339(
                                                        Micros.toInstant(it.capturedMicros())))
                                .orElse("nothing yet"));
        out.println(
                "waiting    "
                        + local.spool()
                                .filter(it -> it.waitingBytes() > 0)
                                .map(it ->
                                        Amounts.count(
                                                        it.waitingTransactions(),
                                                        "transaction",
                                                        "transactions")
                                                + ", "
                                                + Amounts.size(it.waitingBytes()))
                                .orElse("nothing"));
    }

    private static String text(ArchiveStatus.Dated dated) {
        return text(dated.point()) + ", " + Amounts.duration(dated.age()) + " ago";
    }

    private static String text(RestorePoint point) {
        return "transaction "
                + point.tx()
                + " of "
                + Times.rfc3339(Micros.toInstant(point.micros()));
    }
}
