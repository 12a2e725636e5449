package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.PageHash;
import dev.holdfast.format.PageSize;
import dev.holdfast.wal.CommitVisitor;
import dev.holdfast.wal.WalFile;
import dev.holdfast.wal.WalIndex;
import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;
import dev.holdfast.wal.WalPosition;
import dev.holdfast.wal.WalStep;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A real application's WAL that nobody changes any more, and the database after each of its
/// commits, found without the code under test.
final class RecordedWal implements AutoCloseable {
    static final PageSize PAGE_SIZE = new PageSize(512);

    /// The database after a commit.
    ///
    /// @param end where the commit ends in the WAL
    record State(TreeMap<Long, byte[]> written, long pages, long checksum, WalPosition end) {}

    private final byte[] base;
    private final WalFile wal;
    private final WalIndexHeader oracle;
    private final List<State> states = new ArrayList<>();

    private RecordedWal(byte[] base, WalFile wal, WalIndexHeader oracle) {
        this.base = base;
        this.wal = wal;
        this.oracle = oracle;
    }

    /// Lets an application commit whatever a seed says.
    static RecordedWal in(Path folder, long seed) throws IOException {
        Path database = folder.resolve("app.db");
        Path copy = folder.resolve("copy.db");
        try (Application application = Application.start(database, seed)) {
            application.tell("create 512 0");
            application.tell("run 60 vacuum");
            application.tell("spill");
            application.tell("sql DELETE FROM t WHERE id % 3 = 0");
            application.tell("vacuum");
            application.tell("run 20");
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.copy(
                        LiveDatabase.sibling(database, suffix), LiveDatabase.sibling(copy, suffix));
            }
        }
        RecordedWal recorded =
                new RecordedWal(
                        Files.readAllBytes(copy),
                        WalFile.open(LiveDatabase.sibling(copy, "-wal")),
                        oracle(LiveDatabase.sibling(copy, "-shm")));
        assertThat(recorded.oracle.backfilled()).isZero();
        recorded.readStates();
        return recorded;
    }

    private static WalIndexHeader oracle(Path copy) throws IOException {
        try (FileChannel shm = FileChannel.open(copy, StandardOpenOption.READ)) {
            if (new WalIndex(shm).read() instanceof WalIndexStep.Header(WalIndexHeader found)) {
                return found;
            }
        }
        throw new AssertionError("no wal-index in " + copy);
    }

    private void readStates() throws IOException {
        TreeMap<Long, byte[]> database = new TreeMap<>();
        for (int page = 1; page <= base.length / PAGE_SIZE.bytes(); page++) {
            int offset = (int) PAGE_SIZE.offsetOf(page);
            database.put((long) page, Arrays.copyOfRange(base, offset, offset + PAGE_SIZE.bytes()));
        }
        WalPosition start = wal.start(oracle).orElseThrow();
        states.add(new State(new TreeMap<>(), database.size(), checksum(database), start));
        read(
                start,
                commit -> {
                    TreeMap<Long, byte[]> written = new TreeMap<>();
                    commit.forEachPage((page, image) ->
                            written.put(page, image.toArray(ValueLayout.JAVA_BYTE)));
                    database.putAll(written);
                    database.tailMap(commit.databasePages(), false).clear();
                    for (long page = 1; page <= commit.databasePages(); page++) {
                        database.putIfAbsent(page, new byte[PAGE_SIZE.bytes()]);
                    }
                    states.add(
                            new State(
                                    written,
                                    commit.databasePages(),
                                    checksum(database),
                                    commit.end()));
                });
        assertThat(states).hasSizeGreaterThan(60);
    }

    private static long checksum(Map<Long, byte[]> database) {
        long checksum = 0;
        for (Map.Entry<Long, byte[]> page : database.entrySet()) {
            checksum ^= PageHash.of(MemorySegment.ofArray(page.getValue()), 0, 512, page.getKey());
        }
        return checksum;
    }

    /// The database file, to which nothing was copied back.
    byte[] base() {
        return base.clone();
    }

    /// Every state of the database, from the one before the WAL's first commit.
    List<State> states() {
        return List.copyOf(states);
    }

    /// The state after a transaction, if history begins with the first.
    State after(long tx) {
        return states.get((int) tx - 1);
    }

    boolean isEnd(WalPosition position) {
        return position.equals(oracle.end());
    }

    /// Reads all commits from a position on.
    void read(WalPosition from, CommitVisitor visitor) throws IOException {
        WalPosition at = from;
        while (!isEnd(at)) {
            if (wal.read(at, oracle, visitor) instanceof WalStep.Committed committed) {
                at = committed.end();
            } else {
                throw new AssertionError("the WAL can't be read at " + at);
            }
        }
    }

    @Override
    public void close() throws IOException {
        wal.close();
    }
}
