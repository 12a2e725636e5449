package dev.holdfast.storage.bucket;

import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectUpload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;

/// Takes bodies over, on the caller's thread: a body may be a file, whose channel an interrupt
/// would close.
public final class Bodies {
    private Bodies() {}

    /// All of a body, which is small enough for memory.
    public static byte[] read(String name, ObjectBody body) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) body.bytes());
        copy(name, body, new BufferStream(bytes));
        return bytes.array();
    }

    /// Into an upload, which is not committed.
    public static void send(String name, ObjectBody body, ObjectUpload upload) throws IOException {
        copy(name, body, new UploadStream(upload));
    }

    private static void copy(String name, ObjectBody body, CountingStream into) throws IOException {
        body.writeTo(Channels.newChannel(into));
        if (into.count != body.bytes()) {
            throw new IOException(
                    "the body of %s has %d bytes and promised %d"
                            .formatted(name, into.count, body.bytes()));
        }
    }

    /// A stream whose bytes are counted.
    private abstract static class CountingStream extends OutputStream {
        long count;

        @Override
        public final void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public final void write(byte[] bytes, int offset, int length) throws IOException {
            count += length;
            take(ByteBuffer.wrap(bytes, offset, length));
        }

        abstract void take(ByteBuffer bytes) throws IOException;
    }

    private static final class BufferStream extends CountingStream {
        private final ByteBuffer into;

        BufferStream(ByteBuffer into) {
            this.into = into;
        }

        @Override
        void take(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > into.remaining()) {
                throw new IOException("the body has more bytes than it promised");
            }
            into.put(bytes);
        }
    }

    private static final class UploadStream extends CountingStream {
        private final ObjectUpload upload;

        UploadStream(ObjectUpload upload) {
            this.upload = upload;
        }

        @Override
        void take(ByteBuffer bytes) throws IOException {
            upload.write(bytes);
        }
    }
}
