package dev.holdfast.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file on its way into an archive: without a name there until [#commit].
final class FileUpload implements ObjectUpload {
    private final Path root;
    private final ArchiveFolder folder;
    private final Path name;
    private final Path file;
    private final FileChannel channel;
    private final WriteBehind behind;
    private boolean isCommitted;
    private boolean isClosed;

    private FileUpload(Path root, ArchiveFolder folder, Path name, Path file, FileChannel channel) {
        this.root = root;
        this.folder = folder;
        this.name = name;
        this.file = file;
        this.channel = channel;
        this.behind = new WriteBehind(() -> folder.files().forceFile(channel));
    }

    static FileUpload begin(Path root, ArchiveFolder folder, Path name) throws IOException {
        Path file = folder.newTemporary();
        try {
            return new FileUpload(root, folder, name, file, folder.files().createFile(file));
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                behind.written(channel.write(bytes));
            }
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    void write(ObjectBody body) throws IOException {
        try {
            body.writeTo(channel);
            long written = channel.size();
            if (written != body.bytes()) {
                throw new IOException(
                        "the body of "
                                + name
                                + " has "
                                + written
                                + " bytes and promised "
                                + body.bytes());
            }
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    /// Never forces a file again after a force that failed: the second may succeed although the
    /// kernel has dropped the pages.
    @Override
    public CreateOutcome commit() throws IOException {
        if (isCommitted) {
            throw new IllegalStateException("committed before: " + name);
        }
        isCommitted = true;
        try {
            behind.await();
            folder.files().forceFile(channel);
            return folder.link(file, name);
        } catch (IOException e) {
            throw FileFailures.explain(root, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try (channel) {
            behind.end();
        } finally {
            folder.discard(file);
        }
    }
}
