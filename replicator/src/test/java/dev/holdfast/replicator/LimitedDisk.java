package dev.holdfast.replicator;

import dev.holdfast.storage.FileActions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/// The real file system on a disk that can run full in the middle of a write, and that can fail to
/// force. Else a force does nothing, and takes no time: in a test no power is lost. For one thread.
final class LimitedDisk implements FileActions {
    private long room = Long.MAX_VALUE;
    private boolean isForceFailing;
    private boolean isFolderFailing;

    /// From now on only so many bytes can be written.
    void limitTo(long bytes) {
        room = bytes;
    }

    /// From now on no file can be forced.
    void failForces() {
        isForceFailing = true;
    }

    /// From now on the names in a folder can't be forced.
    void failFolders() {
        isFolderFailing = true;
    }

    void heal() {
        room = Long.MAX_VALUE;
        isForceFailing = false;
        isFolderFailing = false;
    }

    @Override
    public FileChannel createFile(Path file) throws IOException {
        return new Channel(REAL.createFile(file));
    }

    @Override
    public FileChannel openFile(Path file) throws IOException {
        return new Channel(REAL.openFile(file));
    }

    @Override
    public void forceFile(FileChannel file) throws IOException {
        if (isForceFailing) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        REAL.link(file, name);
    }

    @Override
    public void replace(Path file, Path name) throws IOException {
        REAL.replace(file, name);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        if (isFolderFailing) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
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
            if (room < bytes.remaining()) {
                ByteBuffer fitting = bytes.slice(bytes.position(), (int) room);
                int written = 0;
                while (fitting.hasRemaining()) {
                    written += real.write(fitting, position + written);
                }
                room = 0;
                throw new IOException("No space left on device");
            }
            int count = real.write(bytes, position);
            room -= count;
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
        public int write(ByteBuffer bytes) {
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
