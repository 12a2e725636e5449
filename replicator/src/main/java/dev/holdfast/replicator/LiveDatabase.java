package dev.holdfast.replicator;

import dev.holdfast.format.PageSize;
import dev.holdfast.wal.WalBreak;
import dev.holdfast.wal.WalFile;
import dev.holdfast.wal.WalIndex;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/// A database that another process owns, opened beside it. The only place that opens the file, its
/// `-shm`, and connections to it.
///
/// POSIX drops all of a process's locks on a file when *any* of its descriptors is closed. So there
/// is one channel on the database and one on `-shm`, opened after the connections and closed after
/// them, and no other code of this process may touch those files.
///
/// Two connections pin the WAL in turn, hand over hand: the one that is not reading is the idle
/// one. A third holds the write lock in a take-over. Belongs to the capture thread, but for
/// [#readPages], which the snapshotter calls too.
final class LiveDatabase implements AutoCloseable {
    // wal.c: WAL_NREADER - 1
    private static final int LAST_SLOT = 4;

    private static final int NO_SLOT = 0;

    private final Path path;
    private final OpenedFiles files;
    private final SqliteConnection writeLock;
    private final FileChannel database;
    private final FileChannel shm;
    private final ShmLocks locks;
    private final WalFile wal;
    private final WalIndex index;
    private SqliteConnection pin;
    private SqliteConnection idle;
    private int guarded = NO_SLOT;

    private LiveDatabase(
            Path path,
            OpenedFiles files,
            SqliteConnection[] connections,
            FileChannel database,
            FileChannel shm,
            ShmLocks locks,
            WalFile wal) {
        this.path = path;
        this.files = files;
        this.pin = connections[0];
        this.idle = connections[1];
        this.writeLock = connections[2];
        this.database = database;
        this.shm = shm;
        this.locks = locks;
        this.wal = wal;
        this.index = new WalIndex(shm);
    }

    /// Opens and pins: when this returns a database, a read transaction of ours is open. Empty if a
    /// lock was in the way.
    ///
    /// @param path without symbolic links, as SQLite names the WAL after the file itself
    static Optional<LiveDatabase> open(Path path) throws LiveDatabaseException, IOException {
        SqliteConnection[] connections = new SqliteConnection[3];
        FileChannel database = null;
        FileChannel shm = null;
        ShmLocks locks = null;
        try {
            FileId databaseId = FileId.of(path);
            for (int i = 0; i < connections.length; i++) {
                connections[i] = SqliteConnection.open(path).orElse(null);
            }
            SqliteConnection first = connections[0];
            SqliteConnection second = connections[1];
            SqliteConnection third = connections[2];
            if (first == null || second == null || third == null || !first.take()) {
                closeAll(connections, null, null, null, null);
                return Optional.empty();
            }
            database = FileChannel.open(path, StandardOpenOption.READ);
            shm = FileChannel.open(sibling(path, "-shm"), StandardOpenOption.READ);
            locks = ShmLocks.open(sibling(path, "-shm"));
            OpenedFiles files = OpenedFiles.of(path, databaseId);
            WalFile wal = WalFile.open(sibling(path, "-wal"));
            return Optional.of(
                    new LiveDatabase(path, files, connections, database, shm, locks, wal));
        } catch (LiveDatabaseException | IOException e) {
            closeAll(connections, null, database, shm, locks);
            throw e;
        }
    }

    static Path sibling(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }

    WalIndexStep readIndex() throws IOException {
        return index.read();
    }

    WalFile wal() {
        return wal;
    }

    /// Begins a second read transaction on the idle connection. False if a lock is in the way.
    boolean take() throws LiveDatabaseException {
        return idle.take();
    }

    /// Ends the older read transaction or the guard, after [#take]: the younger one is the pin now.
    void letGoOlder() throws LiveDatabaseException {
        swap();
        if (idle.isReading()) {
            idle.letGo();
        }
        endGuard();
    }

    private void endGuard() {
        if (guarded != NO_SLOT) {
            locks.release(guarded);
            guarded = NO_SLOT;
        }
    }

    /// Ends the younger read transaction, after [#take]: the older one stays the pin.
    void letGoYounger() throws LiveDatabaseException {
        idle.letGo();
    }

    /// Ends the only read transaction: nothing keeps the WAL from being reset until [#takeAgain].
    void letGoEntirely() throws LiveDatabaseException {
        pin.letGo();
    }

    /// Begins the only read transaction again. False if a lock is in the way.
    boolean takeAgain() throws LiveDatabaseException {
        return pin.take();
    }

    /// Ends every read transaction, and the guard, until [#takeAgain].
    void letGoOfAll() throws LiveDatabaseException {
        for (SqliteConnection connection : new SqliteConnection[] {idle, pin}) {
            if (connection.isReading()) {
                connection.letGo();
            }
        }
        endGuard();
    }

    /// Lets go of the pin, and shares a reader's slot without a mark in its stead: the WAL can't be
    /// reset until [#take] and [#letGoOlder], but all of it can be copied back, and a checkpointer
    /// that waits for the pin's slot gets it. False, with everything as it was, if every slot has a
    /// mark.
    boolean standGuard() throws IOException, LiveDatabaseException {
        if (guarded != NO_SLOT) {
            return true;
        }
        for (int slot = 1; slot <= LAST_SLOT && guarded == NO_SLOT; slot++) {
            if (index.mark(slot).isEmpty() && locks.share(slot)) {
                // Only who has a slot for itself gives it a mark: from now on nobody can
                if (index.mark(slot).isEmpty()) {
                    guarded = slot;
                } else {
                    locks.release(slot);
                }
            }
        }
        if (guarded == NO_SLOT) {
            return false;
        }
        pin.letGo();
        return true;
    }

    /// Whether a reader of another process keeps what comes after a frame from being copied back.
    boolean isKeptByReaderBefore(long frame) throws IOException {
        for (int slot = 0; slot <= LAST_SLOT; slot++) {
            OptionalLong mark = index.mark(slot);
            if (mark.isPresent()
                    && mark.getAsLong() < frame
                    && locks.isReadElsewhere(slot)
                    // Else it is somebody who has come meanwhile, and gave it a mark
                    && mark.equals(index.mark(slot))) {
                return true;
            }
        }
        return false;
    }

    /// Whether a checkpointer of another process keeps readers from slot 0, while it copies back.
    boolean isSlotZeroKept() {
        return locks.isKeptElsewhere(0);
    }

    /// Whether a checkpointer of another process is at it.
    boolean isCheckpointedElsewhere() {
        return locks.isCheckpointedElsewhere();
    }

    /// Whether a checkpointer of another process keeps all writers out.
    boolean isWriterKeptOutByCheckpointer() {
        return locks.isWriterKeptOutByCheckpointer();
    }

    private void swap() {
        SqliteConnection younger = idle;
        idle = pin;
        pin = younger;
    }

    /// Copies frames back to the database as far as the pins allow. False if another checkpointer
    /// is at it, or if another file may have come to the path: who opens that one opens our WAL,
    /// and what it commits must not be copied to the file that was there before.
    boolean checkpointPassively() throws LiveDatabaseException {
        return isInPlace() && idle.checkpointPassively();
    }

    /// Makes the WAL empty. False if a reader or a writer is in the way, or as with
    /// [#checkpointPassively]; never waits for one.
    boolean emptyWal() throws LiveDatabaseException {
        return isInPlace() && idle.emptyWal();
    }

    /// Whether the path is known to lead to this database still.
    boolean isInPlace() {
        return files.place() instanceof OpenedFiles.Place.Kept;
    }

    boolean takeWriteLock() throws LiveDatabaseException {
        return writeLock.takeWriteLock();
    }

    void releaseWriteLock() throws LiveDatabaseException {
        writeLock.letGo();
    }

    /// Size of the database file in whole pages; what SQLite takes for the database's size while
    /// the WAL is empty.
    long filePages(PageSize pageSize) throws IOException {
        return Math.ceilDiv(database.size(), pageSize.bytes());
    }

    /// Fills `into` with the file's bytes from `offset` on; what lies past the file's end is zero.
    /// May be called from any thread.
    void readPages(long offset, MemorySegment into) throws IOException {
        ByteBuffer buffer = into.asByteBuffer();
        while (buffer.hasRemaining()) {
            if (database.read(buffer, offset + buffer.position()) < 0) {
                into.asSlice(buffer.position()).fill((byte) 0);
                return;
            }
        }
    }

    /// The files themselves, and whether they are where they were.
    OpenedFiles files() {
        return files;
    }

    /// Whether another process has the database open.
    boolean isOpenElsewhere() {
        return locks.isOpenElsewhere();
    }

    /// Closes when all was captured. If the file is no longer at its path, removes the WAL and
    /// wal-index that lie there: without us the application would have removed them when it closed,
    /// and SQLite would apply them to whatever file comes to that path.
    ///
    /// Not if another process has the file that is there now open: what it commits goes to this
    /// WAL; nor if the WAL was written since the last look at which the file was in its place.
    void leave() throws LiveDatabaseException {
        try {
            if (files.place() instanceof OpenedFiles.Place.Lost && isLeftToUs()) {
                files.removeWal();
            }
        } catch (IOException e) {
            throw new LiveDatabaseException("can't remove the WAL of " + path + ": " + e, e);
        } finally {
            close();
        }
    }

    private boolean isLeftToUs() throws IOException, LiveDatabaseException {
        return isNobodyThere()
                && isAsItWasInPlace()
                && idle.checkpointPassively()
                && readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle)
                && oracle.isBackfilled()
                // The checkpoint took its time, and somebody may have come
                && isNobodyThere()
                && isAsItWasInPlace();
    }

    private boolean isAsItWasInPlace() throws IOException {
        return readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle)
                && files.isAsItWasInPlace(oracle);
    }

    private boolean isNobodyThere() throws IOException {
        return !locks.isOpenElsewhere() && !ShmLocks.isDatabaseOpenElsewhere(path);
    }

    /// Closes, and leaves the WAL where it is even if nobody else has the database open: SQLite
    /// would copy it back and remove it, and what was not captured of it would be no commits any
    /// more, only pages. But a WAL that recovery would drop commits of is not kept.
    void closeKeepingWal() throws LiveDatabaseException {
        if (isUnsealed()) {
            close();
        } else {
            keepWalAndClose();
        }
    }

    /// Whether there are commits in the WAL without a checksum, which SQLite's recovery would drop.
    private boolean isUnsealed() {
        try {
            return readIndex() instanceof WalIndexStep.Header(WalIndexHeader oracle)
                    && wal.overlay(oracle.end()) instanceof WalBreak.Unsealed;
        } catch (IOException _) {
            return false; // what can't be read is not to be removed
        }
    }

    private void keepWalAndClose() throws LiveDatabaseException {
        SqliteConnection keeper = null;
        try {
            Siblings.requireFiles(path);
            keeper = SqliteConnection.openReadOnly(path).orElse(null);
            if (keeper != null && keeper.take()) {
                keeper.letGo();
            }
        } finally {
            closeAll(
                    new SqliteConnection[] {idle, writeLock, pin, keeper},
                    wal,
                    database,
                    shm,
                    locks);
        }
    }

    /// Closes as any application does: whoever is the last copies the WAL back and removes it.
    /// Connections first, then the channels: see above.
    @Override
    public void close() throws LiveDatabaseException {
        closeAll(new SqliteConnection[] {idle, writeLock, pin}, wal, database, shm, locks);
    }

    private static void closeAll(
            @Nullable SqliteConnection[] connections,
            @Nullable WalFile wal,
            @Nullable FileChannel database,
            @Nullable FileChannel shm,
            @Nullable ShmLocks locks)
            throws LiveDatabaseException {
        LiveDatabaseException failure = null;
        for (SqliteConnection connection : connections) {
            try {
                if (connection != null) {
                    connection.close();
                }
            } catch (LiveDatabaseException e) {
                failure = failure == null ? e : failure;
            }
        }
        for (AutoCloseable file : new @Nullable AutoCloseable[] {wal, database, shm, locks}) {
            try {
                if (file != null) {
                    file.close();
                }
            } catch (Exception e) {
                failure =
                        failure == null
                                ? new LiveDatabaseException("can't close " + file, e)
                                : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
