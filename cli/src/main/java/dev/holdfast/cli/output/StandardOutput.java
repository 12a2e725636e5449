package dev.holdfast.cli.output;

import org.jspecify.annotations.Nullable;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output that remembers why it failed, which a `PrintStream` over it forgets. After a
/// failure it takes bytes and drops them. Use from one thread, or under a `PrintStream`.
public final class StandardOutput extends OutputStream {
    private final OutputStream file;
    private volatile @Nullable IOException failure;

    public StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    StandardOutput(OutputStream file) {
        this.file = file;
    }

    /// Why not everything was written; null as long as all was.
    public @Nullable IOException failure() {
        return failure;
    }

    /// Did the reader go away, as `head` does when it has enough? That is not an error.
    public boolean isReaderGone() {
        IOException cause = failure;
        // The JDK passes strerror(EPIPE) on and has no type for it.
        return cause != null && String.valueOf(cause.getMessage()).contains("Broken pipe");
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (failure != null) {
            return;
        }
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
        }
    }
}
