package dev.holdfast.replicator;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/// Where a run takes the log up: what store and state folder say together, before the database is
/// looked at.
///
/// @param end the log's end, the spool included; seq 0 in an empty archive
/// @param durable how far the store has it
/// @param known what the state folder knows of the database at `end`; empty if its word is not to
///   be taken
/// @param claimed page size of the log's last segment, which a claim must have too, if the archive
///   was another writer's until now; else empty
/// @param reason of the rebase if continuity can't be proven
record LogStart(
        Archive archive,
        WriterIdentity identity,
        LogPoint end,
        LogPoint durable,
        Optional<Known> known,
        Optional<PageSize> claimed,
        RebaseReason reason) {

    /// The database at the log's end.
    ///
    /// @param source where that was in its WAL; frame 0 of no generation after a restore
    /// @param pages empty if the hashes are not known
    record Known(PageSize pageSize, SourcePosition source, Optional<PageMap> pages) {
        /// The same where no WAL can be believed.
        Known byPagesOnly() {
            return new Known(pageSize, SourcePosition.NOWHERE, pages);
        }
    }

    boolean isClaimNeeded() {
        return claimed.isPresent();
    }

    /// Opens the archive, or creates it, and decides who may write.
    ///
    /// @throws SidecarException if another writer has the archive, or state and store contradict
    ///   each other
    static LogStart find(
            ObjectStore store,
            StateFolder state,
            Spool spool,
            FollowerOptions options,
            Timekeeper time)
            throws IOException {
        try {
            Optional<WriterIdentity> saved = state.identity();
            Path database = place(options.database());
            if (saved.isPresent() && !options.isTakeOver()) {
                checkDatabase(saved.get(), database, state);
            }
            Archive archive = open(store, saved, state, database, time);
            WriterIdentity identity = identity(archive.info().id(), saved, state, database, store);
            Optional<LogEnd> stored =
                    archive.end(Math.max(1, spool.first().map(SpoolEntry::seq).orElse(1L) - 1));
            return new Finder(
                            archive,
                            identity,
                            saved.isPresent(),
                            stored,
                            state,
                            spool,
                            options.isTakeOver())
                    .find();
        } catch (FormatException e) {
            throw new SidecarException.CorruptArchive(
                    e,
                    "Run holdfast verify on "
                            + store.location()
                            + "; then replicate into another folder.");
        }
    }

    /// The database's path, by whatever links its folder was named.
    private static Path place(Path database) throws IOException {
        Path absolute = database.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder != null && Files.isDirectory(folder)
                ? folder.toRealPath().resolve(absolute.getFileName())
                : absolute;
    }

    /// Another database's pages and WAL would be compared with what is known of this one: history
    /// would begin anew in the middle of it.
    private static void checkDatabase(WriterIdentity saved, Path database, StateFolder state)
            throws IOException {
        if (hasWritten(state) && !saved.database().equals(database)) {
            throw new SidecarException.BadUsage(
                    "the state folder %s is of the database %s: found %s"
                            .formatted(state.path(), saved.database(), database),
                    "Give --state and --to folders of its own for another database; if this one was"
                            + " moved there, say so with --take-over.");
        }
    }

    private static boolean hasWritten(StateFolder state) throws IOException {
        return state.pages().isPresent() || Spool.isUsed(state.spool());
    }

    private static Archive open(
            ObjectStore store,
            Optional<WriterIdentity> saved,
            StateFolder state,
            Path database,
            Timekeeper time)
            throws IOException, FormatException {
        boolean hasWritten = hasWritten(state);
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive found)) {
            // An identity with which nothing was ever written binds nobody: two writers may have
            // wanted to create the archive at the same time, and one of them did not
            if (hasWritten
                    && saved.isPresent()
                    && !saved.get().archive().equals(found.info().id())) {
                throw new SidecarException.BadUsage(
                        "%s holds archive %s, but the state folder %s belongs to archive %s in %s"
                                .formatted(
                                        store.location(),
                                        found.info().id(),
                                        state.path(),
                                        saved.get().archive(),
                                        saved.get().store()),
                        "Name that store, or give --state another folder to begin a second archive"
                                + " of this database.");
            }
            return found;
        }
        if (saved.isPresent() && hasWritten) {
            throw new SidecarException.CorruptArchive(
                    "archive %s is not in %s any more"
                            .formatted(saved.get().archive(), store.location()),
                    "Put the folder back, or remove the state folder "
                            + state.path()
                            + " to begin a new archive.");
        }
        SecureRandom random = new SecureRandom();
        ArchiveId id =
                saved.map(WriterIdentity::archive)
                        .orElseGet(() -> new ArchiveId(random.nextLong(), random.nextLong()));
        // The state first: if we die in between, the archive that is found next time is known to be
        // ours
        state.saveIdentity(
                saved.orElseGet(() ->
                        new WriterIdentity(
                                id, new WriterId(random.nextLong()), database, store.location())));
        return switch (Archive.create(store, new ArchiveInfo(id, time.micros()))) {
            case CreateOutcome.Created _ -> reopen(store);
            case CreateOutcome.AlreadyExists _ ->
                    open(store, state.identity(), state, database, time);
        };
    }

    private static Archive reopen(ObjectStore store) throws IOException, FormatException {
        if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
            return archive;
        }
        throw new SidecarException.StorageUnavailable(
                "archive.json was created in " + store.location() + " and is not there",
                "Check the store.");
    }

    private static WriterIdentity identity(
            ArchiveId archive,
            Optional<WriterIdentity> saved,
            StateFolder state,
            Path database,
            ObjectStore store) {
        WriterId writer =
                saved.or(state::identity)
                        .filter(identity -> identity.archive().equals(archive))
                        .map(WriterIdentity::writer)
                        .orElseGet(() -> new WriterId(new SecureRandom().nextLong()));
        return new WriterIdentity(archive, writer, database, store.location());
    }

    /// The decision, once all that matters is at hand.
    private record Finder(
            Archive archive,
            WriterIdentity identity,
            boolean isOld,
            Optional<LogEnd> stored,
            StateFolder state,
            Spool spool,
            boolean isTakeOver) {

        LogStart find() throws IOException {
            Optional<SavedPages> saved =
                    state.pages().filter(pages -> pages.archive().equals(archive.info().id()));
            Optional<LogPoint> local =
                    spool.last().map(SpoolEntry::point).or(() -> saved.map(SavedPages::point));
            if (stored.isEmpty()) {
                LogPoint beginning = LogPoint.beginning(archive.info());
                if (local.isEmpty() || spool.first().map(SpoolEntry::seq).orElse(0L) == 1) {
                    return ours(local.orElse(beginning), beginning, saved);
                }
                throw lost(local.get().seq(), "no segment");
            }
            LogEnd end = stored.get();
            LogPoint storedPoint =
                    new LogPoint(
                            end.last().seq(),
                            end.digest(),
                            end.last().lastTx(),
                            end.last().lastMicros());
            if (local.isEmpty()) {
                return theirs(storedPoint, Optional.empty(), RebaseReason.CONTINUITY_LOST);
            }
            if (storedPoint.seq() > local.get().seq()) {
                RebaseReason reason =
                        isOld ? RebaseReason.CONTINUITY_LOST : RebaseReason.DATABASE_BEHIND;
                return theirs(storedPoint, Optional.empty(), reason);
            }
            return isOnOurLog(storedPoint, saved)
                    ? continued(local.get(), storedPoint, saved)
                    : theirs(storedPoint, Optional.empty(), RebaseReason.CONTINUITY_LOST);
        }

        /// Whether the store's last segment is one that this state folder wrote, or was restored
        /// to.
        private boolean isOnOurLog(LogPoint storedPoint, Optional<SavedPages> saved) {
            long seq = storedPoint.seq();
            Optional<Digest> own =
                    spool.entry(seq)
                            .map(SpoolEntry::digest)
                            .or(() -> spool.entry(seq + 1).map(next -> next.header().previous()))
                            .or(() ->
                                    saved.map(SavedPages::point)
                                            .filter(point -> point.seq() == seq)
                                            .map(LogPoint::digest));
            if (own.isEmpty()) {
                long known =
                        spool.first()
                                .map(first -> first.seq() - 1)
                                .or(() -> saved.map(pages -> pages.point().seq()))
                                .orElse(seq);
                throw lost(known, "its end at segment " + seq);
            }
            return own.get().equals(storedPoint.digest());
        }

        private LogStart continued(LogPoint local, LogPoint storedPoint, Optional<SavedPages> saved)
                throws IOException {
            if (!isOld && spool.last().isPresent()) {
                return theirs(storedPoint, Optional.empty(), RebaseReason.CONTINUITY_LOST);
            }
            boolean isLastOurs = stored.orElseThrow().last().writer().equals(identity.writer());
            if (spool.last().isEmpty() && !isLastOurs) {
                // A restore left this state, and nothing was written since: going on is a linear
                // append, but by a new writer. Its claim may have died with an earlier start
                return new LogStart(
                        archive,
                        identity,
                        storedPoint,
                        storedPoint,
                        known(saved),
                        storedPageSize(),
                        RebaseReason.CONTINUITY_LOST);
            }
            return ours(local, storedPoint, saved);
        }

        private LogStart ours(LogPoint local, LogPoint durable, Optional<SavedPages> saved)
                throws IOException {
            RebaseReason reason =
                    local.seq() == 0 ? RebaseReason.FIRST : RebaseReason.CONTINUITY_LOST;
            return new LogStart(
                    archive, identity, local, durable, known(saved), Optional.empty(), reason);
        }

        private LogStart theirs(LogPoint storedPoint, Optional<Known> known, RebaseReason reason)
                throws IOException {
            if (!isTakeOver) {
                throw Fencing.fencedBy(stored.orElseThrow().last(), archive.store().location());
            }
            spool.clear();
            state.removePages();
            return new LogStart(
                    archive, identity, storedPoint, storedPoint, known, storedPageSize(), reason);
        }

        private Optional<PageSize> storedPageSize() {
            return stored.map(end -> end.last().pageSize());
        }

        /// The page map, brought forward from where it was saved over what the spool holds after
        /// that.
        private Optional<Known> known(Optional<SavedPages> saved) throws IOException {
            if (spool.last().isEmpty()) {
                return saved.map(pages ->
                        new Known(pages.pageSize(), sourceOf(pages), Optional.of(pages.pages())));
            }
            return SpoolReplay.known(spool, saved);
        }

        private static SourcePosition sourceOf(SavedPages saved) {
            return saved.source().remaining() == SourcePosition.BYTES
                    ? SourcePosition.readFrom(saved.source(), 0)
                    : SourcePosition.NOWHERE;
        }

        private SidecarException lost(long known, String found) {
            return new SidecarException.CorruptArchive(
                    "%s has lost objects of archive %s: found %s, wanted the log up to segment %d"
                            .formatted(
                                    archive.store().location(), archive.info().id(), found, known),
                    "Run holdfast verify; put the objects back, or begin a new archive in another"
                            + " folder.");
        }
    }
}
