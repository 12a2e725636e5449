package dev.holdfast.replicator;

import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEvent.Continuity;
import dev.holdfast.wal.DatabaseHeader;
import dev.holdfast.wal.WalBreak;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalOverlay;
import dev.holdfast.wal.WalPosition;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Opens the live database once it can be followed, and finds out where in it the log ends: by the
/// WAL, else by its pages, else history begins anew. Owned by the capture thread.
final class Attachment implements AutoCloseable {
    /// An application that creates its database switches WAL on a moment later, and one that
    /// recovers it holds all locks for a moment. How long a database may be what can't be followed:
    /// an application may be making it.
    static final long PATIENCE_NANOS = Duration.ofSeconds(3).toNanos();

    /// How far back the WAL of an earlier generation is looked for. Salts that are drawn at random
    /// hardly ever look like one.
    private static final int MOST_RESETS = 100_000;

    private final Path database;
    private final LogWriter log;
    private final Timekeeper time;
    private @Nullable String obstacle;
    private long obstacleSince;
    private OpenedFiles.@Nullable Moved last;
    private @Nullable UnsealedWal unsealed;

    /// What an attempt led to.
    sealed interface Step {
        /// It can't be followed yet.
        record Waiting(String why) implements Step {}

        /// Pinned, and in step with the log.
        ///
        /// @param position where the log ends in the WAL
        /// @param pinnedEnd where the WAL ended under the pin
        record Attached(
                LiveDatabase live,
                WalPosition position,
                WalPosition pinnedEnd,
                Continuity continuity,
                Optional<Base> base)
                implements Step {}
    }

    Attachment(Path database, LogWriter log, Timekeeper time) {
        this.database = database;
        this.log = log;
        this.time = time;
    }

    /// @param known what is known of the database at the log's end
    /// @param reason of a rebase, if there is to be one
    /// @throws SidecarException if the database can't be followed at all
    Step attempt(Optional<LogStart.Known> known, RebaseReason reason)
            throws IOException, LiveDatabaseException {
        UnsealedWal open = unsealed;
        if (open != null && open.live().files().place() instanceof OpenedFiles.Place.Lost) {
            left(open.live().files().moved());
            close();
            open = null;
        }
        return open == null ? look(known, reason) : mend(open, known, reason);
    }

    private Step mend(UnsealedWal open, Optional<LogStart.Known> known, RebaseReason reason)
            throws IOException, LiveDatabaseException {
        if (!open.mend()) {
            return waiting("the WAL of " + database + " can't be read before it is copied back");
        }
        unsealed = null;
        return begin(open.live(), open.pageSize(), known, reason);
    }

    private Step look(Optional<LogStart.Known> known, RebaseReason reason)
            throws IOException, LiveDatabaseException {
        return switch (DatabaseLook.at(database)) {
            case DatabaseLook.Missing _ -> waiting(database + " does not exist yet");
            case DatabaseLook.Empty _ -> waiting(database + " is empty yet");
            case DatabaseLook.Refused(String found, String remedy) -> patiently(found, remedy);
            case DatabaseLook.RollbackJournal(String found, String remedy) ->
                    patiently(found, remedy);
            case DatabaseLook.HotJournal _ ->
                    waiting(
                            "a rollback journal lies beside "
                                    + database
                                    + ": an application was killed in a transaction, and has to"
                                    + " open the database once to roll it back");
            case DatabaseLook.Irregular(String found) ->
                    waiting(
                            found
                                    + ": SQLite keeps a file of that name beside "
                                    + database
                                    + ", so move it away");
            case DatabaseLook.Wal(DatabaseHeader header) ->
                    isBesideAnothersWal()
                            ? waiting(
                                    "the WAL beside "
                                            + database
                                            + " is that of the file that was here before: stop the"
                                            + " application, put the right -wal or none beside"
                                            + " the file, and start it again")
                            : openOneOf(header, known, reason);
        };
    }

    /// From now on no other file is opened beside this one's WAL: SQLite would apply it.
    void left(OpenedFiles.Moved database) {
        last = database;
    }

    /// The WAL has frames without a checksum, and nobody shall recover it: it is not closed before
    /// that is mended.
    void keep(LiveDatabase live, PageSize pageSize) {
        unsealed = new UnsealedWal(live, pageSize, time);
    }

    /// Whether a database is kept open for that.
    boolean isMending() {
        return unsealed != null;
    }

    private boolean isBesideAnothersWal() throws IOException {
        Path real = database.toRealPath();
        return last != null && !last.isAt(real) && last.hasWalAt(real);
    }

    /// Of another file than the one that was followed, no WAL can prove anything.
    private Step openOneOf(
            DatabaseHeader header, Optional<LogStart.Known> known, RebaseReason reason)
            throws IOException, LiveDatabaseException {
        boolean isOther = last != null && !last.isAt(database.toRealPath());
        return isOther
                ? open(
                        header,
                        known.map(LogStart.Known::byPagesOnly),
                        RebaseReason.DATABASE_REPLACED)
                : open(header, known, reason);
    }

    private Step.Waiting waiting(String why) {
        obstacle = null;
        return new Step.Waiting(why);
    }

    /// Waits a little before it refuses.
    private Step patiently(String found, String remedy) {
        long now = time.nanoTime();
        if (!found.equals(obstacle)) {
            obstacle = found;
            obstacleSince = now;
        }
        if (now - obstacleSince >= PATIENCE_NANOS) {
            throw new SidecarException.BadSource(found, remedy);
        }
        return new Step.Waiting(found);
    }

    private Step open(DatabaseHeader header, Optional<LogStart.Known> known, RebaseReason reason)
            throws IOException, LiveDatabaseException {
        Path real = database.toRealPath();
        Optional<LiveDatabase> opened = LiveDatabase.open(real);
        if (opened.isEmpty()) {
            return patiently(
                    Files.exists(LiveDatabase.sibling(real, "-shm"))
                            ? database + " is locked by another process"
                            : database
                                    + " is locked, and has no -shm: an application uses it with"
                                    + " locking_mode=EXCLUSIVE",
                    "Let the application use locking_mode=NORMAL: without -shm nobody else can read"
                            + " the database.");
        }
        obstacle = null;
        return begin(opened.get(), new PageSize(header.pageSize()), known, reason);
    }

    /// @param filePageSize which SQLite's wal-index does not always know
    private Step begin(
            LiveDatabase live,
            PageSize filePageSize,
            Optional<LogStart.Known> known,
            RebaseReason reason)
            throws IOException, LiveDatabaseException {
        try {
            Step step = inStep(live, filePageSize, known, reason);
            last = step instanceof Step.Attached ? null : last;
            return step;
        } catch (IOException | LiveDatabaseException | RuntimeException e) {
            live.close();
            throw e;
        }
    }

    private Step inStep(
            LiveDatabase live,
            PageSize filePageSize,
            Optional<LogStart.Known> known,
            RebaseReason reason)
            throws IOException, LiveDatabaseException {
        if (!(live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle))) {
            live.close();
            return new Step.Waiting("the wal-index of " + database + " is being written");
        }
        PageSize pageSize = oracle.pageSize() > 0 ? new PageSize(oracle.pageSize()) : filePageSize;
        Optional<LogStart.Known> usable =
                known.filter(before -> before.pageSize().equals(pageSize));
        // If the last captured frame is still in its place, all that follows it follows the log
        if (usable.isPresent() && live.wal().stillInPlace(usable.get().source().wal(), oracle)) {
            return resumed(
                    live, oracle, usable.get(), usable.get().source(), new Continuity.ByWal());
        }
        if (!oracle.isBackfilled()
                && live.wal().overlay(oracle.end()) instanceof WalBreak unbelievable) {
            return waitForCopy(live, pageSize, unbelievable);
        }
        Optional<WalPosition> byPages = byPages(live, pageSize, oracle, usable);
        if (usable.isPresent() && byPages.isPresent()) {
            return resumed(
                    live,
                    oracle,
                    usable.get(),
                    new SourcePosition(byPages.get()),
                    new Continuity.ByPages());
        }
        Base base = new BaseReader(live, pageSize).read(oracle);
        log.rebase(reason, pageSize, base.databasePages(), base.position(), base.hashes());
        return new Step.Attached(
                live,
                base.position().wal(),
                oracle.end(),
                new Continuity.Rebased(reason),
                Optional.of(base));
    }

    private Step.Attached resumed(
            LiveDatabase live,
            WalIndexHeader oracle,
            LogStart.Known known,
            SourcePosition at,
            Continuity continuity)
            throws IOException {
        PageSize pageSize = known.pageSize();
        long pages = new DatabaseScan(live, pageSize).databasePages(oracle);
        log.resume(pageSize, pages, at, known.pages());
        return new Step.Attached(live, at.wal(), oracle.end(), continuity, Optional.empty());
    }

    /// Frames that can't be believed, and that SQLite believes: once they are in the file nobody
    /// needs them.
    private Step.Waiting waitForCopy(LiveDatabase live, PageSize pageSize, WalBreak found)
            throws IOException, LiveDatabaseException {
        if (found instanceof WalBreak.Unsealed) {
            keep(live, pageSize);
        } else {
            boolean _ = live.checkpointPassively();
            live.close();
        }
        return new Step.Waiting(
                "the WAL of " + database + " can't be read before it is copied back");
    }

    /// The beginning of the WAL, if the file without it is what the log leads to: then all of the
    /// WAL follows the log. So it is when application and Holdfast died before the first commit
    /// after a reset was captured. Else the end of the WAL, if nothing changed at all.
    ///
    /// Not of a WAL that is no later one than the log's. The file can be what the log leads to then
    /// too (`synchronous=OFF` and a loss of power, an old copy put back), but SQLite lays the whole
    /// WAL over it at once: there never was a state after the first of its commits.
    private static Optional<WalPosition> byPages(
            LiveDatabase live,
            PageSize pageSize,
            WalIndexHeader oracle,
            Optional<LogStart.Known> known)
            throws IOException, LiveDatabaseException {
        Optional<PageMap> wanted = known.flatMap(LogStart.Known::pages);
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        DatabaseScan scan = new DatabaseScan(live, pageSize);
        Optional<WalPosition> start =
                oracle.isBackfilled() || isNotAfter(known.get().source().wal(), oracle.end())
                        ? Optional.empty()
                        : live.wal().start(oracle);
        if (start.isPresent()
                && isSame(scan, Optional.empty(), live.filePages(pageSize), wanted.get())) {
            return start;
        }
        return isSame(scan, scan.overlay(oracle), scan.databasePages(oracle), wanted.get())
                ? Optional.of(oracle.end())
                : Optional.empty();
    }

    private static boolean isNotAfter(WalPosition before, WalPosition found) {
        int resetsBack = before.resetsSince(found);
        return before.sameGeneration(found) || (resetsBack > 0 && resetsBack < MOST_RESETS);
    }

    private static boolean isSame(
            DatabaseScan scan, Optional<WalOverlay> overlay, long pages, PageMap wanted)
            throws IOException {
        return pages == wanted.pageCount()
                && scan.hashes(overlay, pages).checksum() == wanted.checksum();
    }

    @Override
    public void close() throws LiveDatabaseException {
        UnsealedWal open = unsealed;
        unsealed = null;
        if (open != null) {
            open.live().close();
        }
    }
}
