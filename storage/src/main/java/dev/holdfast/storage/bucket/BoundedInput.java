package dev.holdfast.storage.bucket;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// An answer that fails where it is longer than it can be.
public final class BoundedInput extends FilterInputStream {
    private final int most;
    private long count;

    public BoundedInput(InputStream in, int most) {
        super(in);
        this.most = most;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        return read < 0 ? read : counted(1, read);
    }

    @Override
    public int read(byte[] into, int offset, int room) throws IOException {
        int read = super.read(into, offset, room);
        return read < 0 ? read : counted(read, read);
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private int counted(int more, int result) throws IOException {
        count += more;
        if (count > most) {
            throw new IOException("an answer of more than " + most + " bytes");
        }
        return result;
    }
}
