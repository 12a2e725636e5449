package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.state.DatabasePath;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a run takes the log up: what the first store and the state folder say together, before the
/// database is looked at, or what the state folder says alone ([Unasked]). From then on the log is
/// ours.
///
/// @param stored what the first store has; empty if that was not asked
/// @param own what is known here of the log
/// @param end the log's end, the spool included; seq 0 in an empty archive
/// @param known what the state folder knows of the database at `end`; empty if its word is not to
///   be taken
/// @param reason of the rebase if continuity can't be proven
record LogStart(
        Optional<Stored> stored,
        WriterIdentity identity,
        OwnLog own,
        LogPoint end,
        Optional<Known> known,
        RebaseReason reason) {
    /// @param durable how far the store has the log
    record Stored(Archive archive, LogPoint durable) {}

    /// The database at the log's end.
    ///
    /// @param source where that was in its WAL; frame 0 of no generation after a restore
    /// @param pages empty if the hashes are not known
    record Known(PageSize pageSize, SourcePosition source, Optional<PageMap> pages) {
        static Known of(SavedPages saved) {
            SourcePosition source =
                    saved.source().remaining() == SourcePosition.BYTES
                            ? SourcePosition.readFrom(saved.source(), 0)
                            : SourcePosition.NOWHERE;
            return new Known(saved.pageSize(), source, Optional.of(saved.pages()));
        }

        /// The same where no WAL can be believed.
        Known byPagesOnly() {
            return new Known(pageSize, SourcePosition.NOWHERE, pages);
        }
    }

    /// Opens the archive, or creates it, and makes sure that it is ours: claims it if it has to. If
    /// the first store is away, what the state folder remembers has to do.
    ///
    /// @param stores where the log goes; the first says whose it is
    /// @throws SidecarException if another writer has the archive, or state and store contradict
    ///   each other
    static LogStart find(
            List<ObjectStore> stores,
            StateFolder state,
            Spool spool,
            FollowerOptions options,
            Timekeeper time)
            throws IOException {
        ObjectStore store = stores.getFirst();
        try {
            Optional<WriterIdentity> saved = state.identity();
            Optional<SavedPages> pages = state.pages();
            SealedLog.requireKept(
                    spool.last().map(SpoolEntry::header),
                    !options.recipients().isEmpty(),
                    state.path().toString());
            boolean hasWritten = pages.isPresent() || Spool.isUsed(state.spool());
            Path database = DatabasePath.real(options.database());
            if (saved.isPresent() && hasWritten && !options.isTakeOver()) {
                checkDatabase(saved.get(), database, state);
            }
            Optional<Remembered> remembered =
                    options.isTakeOver()
                            ? Optional.empty()
                            : saved.flatMap(it -> Remembered.of(it, pages, spool, store));
            if (remembered.isPresent() && remembered.get().isStoreAway()) {
                return remembered.get().start(known(stores, saved));
            }
            try {
                Archive archive = open(stores, saved, hasWritten, state, database, time);
                WriterIdentity identity = identity(archive.info(), saved, state, database, stores);
                Owning owning =
                        new Owning(
                                archive,
                                stores.size() > 1,
                                saved.isPresent(),
                                state,
                                pages,
                                spool,
                                options,
                                time);
                return switch (owning.by(identity)) {
                    case Owning.Outcome.Owned(LogStart start) -> start;
                    case Owning.Outcome.Lacking(SidecarException why) -> {
                        // Another store may have it, from which this one is filled
                        if (stores.size() == 1 || remembered.isEmpty()) {
                            throw why;
                        }
                        yield remembered.get().start(known(stores, saved));
                    }
                };
            } catch (SidecarException.StorageUnavailable | SidecarException.StorageDenied e) {
                return remembered.orElseThrow(() -> e).start(known(stores, saved));
            }
        } catch (FormatException e) {
            throw notAnArchive(e, store);
        }
    }

    /// Which archive it is.
    ArchiveInfo archive() {
        return identity.archive();
    }

    /// What lies in the store is damaged, or somebody else's.
    static SidecarException notAnArchive(FormatException e, ObjectStore store) {
        String remedy =
                e instanceof FormatException.MissingObject
                        ? "If there is another copy of the archive, run holdfast heal --from COPY"
                                + " --to %s; else replicate into another place."
                        : "Run holdfast verify on %s; then replicate into another place.";
        return new SidecarException.CorruptArchive(e, remedy.formatted(store.location()));
    }

    /// Another database's pages and WAL would be compared with what is known of this one: history
    /// would begin anew in the middle of it.
    private static void checkDatabase(WriterIdentity saved, Path database, StateFolder state) {
        if (!saved.database().equals(database)) {
            throw new SidecarException.BadUsage(
                    "the state folder %s is of the database %s: found %s"
                            .formatted(state.path(), saved.database(), database),
                    "Give --state and --to folders of its own for another database; if this one was"
                            + " moved there, say so with --take-over.");
        }
    }

    private static Archive open(
            List<ObjectStore> stores,
            Optional<WriterIdentity> saved,
            boolean hasWritten,
            StateFolder state,
            Path database,
            Timekeeper time)
            throws IOException, FormatException {
        ObjectStore store = stores.getFirst();
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive found)) {
            // An identity with which nothing was ever written binds nobody: two writers may have
            // wanted to create the archive at the same time, and one of them did not
            if (hasWritten && saved.isPresent() && !saved.get().archive().equals(found.info())) {
                throw new SidecarException.BadUsage(
                        "%s holds archive %s, but the state folder %s belongs to archive %s in %s"
                                .formatted(
                                        store.location(),
                                        found.info().id(),
                                        state.path(),
                                        saved.get().archive().id(),
                                        String.join(" and ", saved.get().stores())),
                        "Name that store, or give --state another folder to begin a second archive"
                                + " of this database.");
            }
            return found;
        }
        if (saved.isPresent() && hasWritten) {
            throw lost(saved.get(), store.location(), known(stores, saved), state);
        }
        SecureRandom random = new SecureRandom();
        ArchiveInfo info =
                saved.map(WriterIdentity::archive)
                        .orElseGet(() ->
                                new ArchiveInfo(
                                        new ArchiveId(random.nextLong(), random.nextLong()),
                                        time.micros()));
        // The state first: if we die in between, the archive that is found next time is known to be
        // ours
        state.saveIdentity(
                saved.orElseGet(() ->
                        new WriterIdentity(
                                info,
                                new WriterId(random.nextLong()),
                                database,
                                List.of(store.location()))));
        Archive made = Archive.openOrCreate(store, info);
        return made.info().equals(info)
                ? made
                : open(stores, state.identity(), hasWritten, state, database, time);
    }

    /// What was captured and is in no store waits in the state folder, which must be kept.
    private static SidecarException lost(
            WriterIdentity saved, String location, List<String> named, StateFolder state) {
        String begin =
                "To begin a second archive of this database, give --state another folder, and keep "
                        + state.path()
                        + ": what waits there may be nowhere else.";
        if (!saved.stores().contains(location)) {
            return new SidecarException.BadUsage(
                    "there is no archive in %s, and that of the state folder %s, %s, is written elsewhere"
                            .formatted(location, state.path(), saved.archive().id()),
                    "Name a place first that has it (%s), and this one behind it, which then gets all of it. %s"
                            .formatted(String.join(", ", saved.stores()), begin));
        }
        String others =
                named.stream()
                        .skip(1)
                        .findFirst()
                        .map(other -> ", or name " + other + " first, if it has a copy")
                        .orElse("");
        return new SidecarException.CorruptArchive(
                "archive %s is not in %s any more".formatted(saved.archive().id(), location),
                "Put it back" + others + ". " + begin);
    }

    private static WriterIdentity identity(
            ArchiveInfo archive,
            Optional<WriterIdentity> saved,
            StateFolder state,
            Path database,
            List<ObjectStore> stores) {
        WriterId writer =
                saved.or(state::identity)
                        .filter(identity -> identity.archive().equals(archive))
                        .map(WriterIdentity::writer)
                        .orElseGet(() -> new WriterId(new SecureRandom().nextLong()));
        return new WriterIdentity(archive, writer, database, known(stores, saved));
    }

    /// The first, and which others were written before.
    private static List<String> known(List<ObjectStore> stores, Optional<WriterIdentity> saved) {
        Stream<String> others =
                stores.stream()
                        .skip(1)
                        .map(ObjectStore::location)
                        .filter(saved.map(WriterIdentity::stores).orElse(List.of())::contains);
        return Stream.concat(Stream.of(stores.getFirst().location()), others).toList();
    }
}
