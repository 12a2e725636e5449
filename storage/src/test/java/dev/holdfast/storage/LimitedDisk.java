package dev.holdfast.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// The real file system on a disk that can run full in the middle of a write, and that can fail to
/// force, from any of its changes on. Else a force does nothing, and takes no time: in a test no
/// power is lost.
public final class LimitedDisk implements FileActions {
    private static final String FULL = "No space left on device";

    /// How a change that was chosen fails.
    public enum Failing {
        /// That one only: somebody else has made room at once.
        ONCE,

        /// And each after it, until [#heal]. What is there can be read, and deleted.
        ON
    }

    private long room = Long.MAX_VALUE;
    private volatile boolean isForceFailing;
    private volatile boolean isFolderFailing;
    private final AtomicInteger changes = new AtomicInteger();
    private volatile int failingChange = Integer.MAX_VALUE;
    private volatile Failing failing = Failing.ONCE;
    private volatile boolean hasFailed;

    /// From now on only so many bytes can be written. For one thread.
    public void limitTo(long bytes) {
        room = bytes;
    }

    /// From now on no file can be forced.
    public void failForces() {
        isForceFailing = true;
    }

    /// From now on the names in a folder can't be forced.
    public void failFolders() {
        isFolderFailing = true;
    }

    /// The change of this number fails, counted from 1 with the next one: a write, a force, a new
    /// file, folder or name. A write is done in part before.
    public void failAt(int change, Failing how) {
        changes.set(0);
        failing = how;
        failingChange = change;
        hasFailed = false;
    }

    /// Whether that change has come.
    public boolean hasFailed() {
        return hasFailed;
    }

    public void heal() {
        room = Long.MAX_VALUE;
        isForceFailing = false;
        isFolderFailing = false;
        failingChange = Integer.MAX_VALUE;
    }

    /// A store in a folder on this disk.
    public ObjectStore store(Path root) throws IOException {
        return FileObjectStore.openForWriting(root, this);
    }

    private boolean isFull() {
        int change = changes.incrementAndGet();
        int wanted = failingChange;
        boolean isNow = change == wanted || (change > wanted && failing == Failing.ON);
        hasFailed |= isNow;
        return isNow;
    }

    private void change(Path file) throws IOException {
        if (isFull()) {
            throw new FileSystemException(file.toString(), null, FULL);
        }
    }

    @Override
    public FileChannel createFile(Path file) throws IOException {
        change(file);
        return new Channel(REAL.createFile(file));
    }

    @Override
    public FileChannel openFile(Path file) throws IOException {
        return new Channel(REAL.openFile(file));
    }

    @Override
    public void forceFile(FileChannel file) throws IOException {
        if (isForceFailing || isFull()) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        change(name);
        REAL.link(file, name);
    }

    @Override
    public void replace(Path file, Path name) throws IOException {
        change(name);
        REAL.replace(file, name);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        if (isFolderFailing || isFull()) {
            throw new IOException(FULL);
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        change(folder);
        REAL.createFolder(folder);
    }

    @Override
    public void delete(Path file) throws IOException {
        REAL.delete(file);
    }

    /// Hands everything on, but writes no more than there is room for.
    private final class Channel extends FileChannel {
        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            if (isFull()) {
                writeSome(bytes, bytes.remaining() / 2, position);
                throw new IOException(FULL);
            }
            if (room < bytes.remaining()) {
                writeSome(bytes, (int) room, position);
                room = 0;
                throw new IOException(FULL);
            }
            int count = real.write(bytes, position);
            room -= count;
            return count;
        }

        private void writeSome(ByteBuffer bytes, int count, long position) throws IOException {
            ByteBuffer fitting = bytes.slice(bytes.position(), count);
            while (fitting.hasRemaining()) {
                int _ = real.write(fitting, position + fitting.position());
            }
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int count = write(bytes, real.position());
            real.position(real.position() + count);
            return count;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return real.read(into, position);
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            real.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            real.force(metaData);
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target)
                throws IOException {
            return real.transferTo(position, count, target);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] bytes, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean isShared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean isShared) {
            throw new UnsupportedOperationException();
        }
    }
}
