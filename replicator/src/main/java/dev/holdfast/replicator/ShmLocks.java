package dev.holdfast.replicator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// Asks the kernel who holds SQLite's locks on `-shm`, and shares a reader's slot: `fcntl`, which
/// Java does not offer. Sees the locks of other processes only. Belongs to one thread.
///
/// The slot is shared by an open file description lock: it conflicts with SQLite's locks, in this
/// process too, and does not go with them when SQLite closes a file.
///
/// Owns a descriptor of its own, so [LiveDatabase] opens it after its connections and closes it
/// after them.
final class ShmLocks implements AutoCloseable {
    // SQLite's os.h: PENDING_BYTE, and all lock bytes after it
    private static final long DATABASE_LOCKS_AT = 0x40000000L;
    private static final long DATABASE_LOCKS_BYTES = 512;

    // SQLite's os_unix.c: UNIX_SHM_DMS, the "dead man switch"
    private static final long OPEN_BYTE = 128;

    // SQLite's wal.c: WAL_WRITE_LOCK and WAL_CKPT_LOCK, from the first lock byte of -shm on
    private static final long WRITER_BYTE = 120;
    private static final long CHECKPOINTER_BYTE = 121;

    // WAL_READ_LOCK(0)
    private static final long READERS_AT = 123;

    // Linux, 64 bit: fcntl.h
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int F_GETLK = 5;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;
    private static final long FLOCK_BYTES = 32;
    private static final long START_AT = 8;
    private static final long LENGTH_AT = 16;
    private static final long PROCESS_AT = 24;
    private static final int NOBODY = -1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN =
            handle(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle FCNTL =
            handle(
                    "fcntl",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(2));

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment lock = arena.allocate(FLOCK_BYTES, Long.BYTES);
    private final int descriptor;

    private ShmLocks(int descriptor) {
        this.descriptor = descriptor;
    }

    static ShmLocks open(Path shm) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor =
                    (int) OPEN.invokeExact(arena.allocateFrom(shm.toString()), O_RDONLY_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("can't open " + shm);
            }
            return new ShmLocks(descriptor);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("open(2) of " + shm, e);
        }
    }

    /// Whether a checkpointer of another process keeps all writers out, as FULL, RESTART and
    /// TRUNCATE do, while they wait for readers too. A passive one, such as an automatic
    /// checkpoint, does not.
    boolean isWriterKeptOutByCheckpointer() {
        int checkpointer = holder(CHECKPOINTER_BYTE);
        return checkpointer != NOBODY && holder(WRITER_BYTE) == checkpointer;
    }

    /// Whether a checkpointer of another process is at it.
    boolean isCheckpointedElsewhere() {
        return holder(CHECKPOINTER_BYTE) != NOBODY;
    }

    /// Whether another process has the database open: each SQLite keeps a shared lock from the
    /// first use of the wal-index to the closing.
    boolean isOpenElsewhere() {
        return holder(OPEN_BYTE) != NOBODY;
    }

    /// Whether another process has a database file open and in use: each connection of SQLite that
    /// has read in WAL mode keeps a shared lock on the file, one that locks exclusively an
    /// exclusive one. Not for a file on which this process has connections: closing it would drop
    /// their locks.
    static boolean isDatabaseOpenElsewhere(Path database) throws IOException {
        if (!Files.isRegularFile(database)) {
            return false; // whoever opened a pipe would wait for its other end
        }
        try (ShmLocks file = open(database)) {
            return file.holder(DATABASE_LOCKS_AT, DATABASE_LOCKS_BYTES) != NOBODY;
        }
    }

    /// Whether a reader of another process is on a slot. A checkpointer that has it for itself is
    /// none.
    boolean isReadElsewhere(int slot) {
        return holder(READERS_AT + slot) != NOBODY && foundType() == F_RDLCK;
    }

    /// Whether another process has a reader's slot for itself.
    boolean isKeptElsewhere(int slot) {
        return holder(READERS_AT + slot) != NOBODY && foundType() == F_WRLCK;
    }

    private short foundType() {
        return lock.get(ValueLayout.JAVA_SHORT, 0);
    }

    /// Shares a reader's slot with whoever is on it. False if somebody has it for itself.
    boolean share(int slot) {
        return set(F_RDLCK, READERS_AT + slot);
    }

    /// Ends [#share].
    void release(int slot) {
        if (!set(F_UNLCK, READERS_AT + slot)) {
            throw new IllegalStateException("slot " + slot + " can't be released");
        }
    }

    private boolean set(short type, long lockByte) {
        describe(type, lockByte, 1);
        try {
            return (int) FCNTL.invokeExact(descriptor, F_OFD_SETLK, lock) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("fcntl(2)", e);
        }
    }

    private void describe(short type, long start, long length) {
        lock.fill((byte) 0);
        lock.set(ValueLayout.JAVA_SHORT, 0, type);
        lock.set(ValueLayout.JAVA_LONG, START_AT, start);
        lock.set(ValueLayout.JAVA_LONG, LENGTH_AT, length);
    }

    /// The process that holds a lock; 0 for all those that this one can't see, as in another
    /// container.
    private int holder(long lockByte) {
        return holder(lockByte, 1);
    }

    private int holder(long start, long length) {
        describe(F_WRLCK, start, length);
        try {
            int result = (int) FCNTL.invokeExact(descriptor, F_GETLK, lock);
            boolean isHeld = result == 0 && foundType() != F_UNLCK;
            return isHeld ? lock.get(ValueLayout.JAVA_INT, PROCESS_AT) : NOBODY;
        } catch (Throwable e) {
            throw new IllegalStateException("fcntl(2)", e);
        }
    }

    @SuppressWarnings("restricted") // the launcher enables native access
    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    @Override
    public void close() {
        try (arena) {
            int _ = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException("close(2)", e);
        }
    }
}
