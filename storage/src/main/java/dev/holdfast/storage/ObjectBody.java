package dev.holdfast.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/// The bytes of an object that is to be created. Can be written any number of times, always the
/// same.
public interface ObjectBody {
    long bytes();

    void writeTo(WritableByteChannel out) throws IOException;

    /// Of the bytes between position and limit, which must not change.
    static ObjectBody of(ByteBuffer content) {
        ByteBuffer bytes = content.slice();
        return new ObjectBody() {
            @Override
            public long bytes() {
                return bytes.remaining();
            }

            @Override
            public void writeTo(WritableByteChannel out) throws IOException {
                ByteBuffer rest = bytes.duplicate();
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
            }
        };
    }

    /// Of a range of a file that is there, whole, as long as the body is used.
    static ObjectBody of(FileChannel file, long offset, long length) {
        return new ObjectBody() {
            @Override
            public long bytes() {
                return length;
            }

            @Override
            public void writeTo(WritableByteChannel out) throws IOException {
                long done = 0;
                while (done < length) {
                    long count = file.transferTo(offset + done, length - done, out);
                    if (count <= 0) {
                        throw new IOException(
                                "file ends at "
                                        + (offset + done)
                                        + ", wanted "
                                        + (offset + length));
                    }
                    done += count;
                }
            }
        };
    }
}
