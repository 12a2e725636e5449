package dev.holdfast.storage.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// How a file of a state folder begins: tells ours from somebody else's of the same name.
final class FileBeginning {
    private final byte[] wanted;

    FileBeginning(byte[] wanted) {
        this.wanted = wanted.clone();
    }

    /// Whether a file begins so.
    boolean isOf(Path file) throws IOException {
        return Arrays.equals(read(file), wanted);
    }

    /// Whether a file begins so as far as it goes: it may have been left before it was whole.
    boolean isOfPartOf(Path file) throws IOException {
        byte[] found = read(file);
        return Arrays.equals(found, Arrays.copyOf(wanted, found.length));
    }

    private byte[] read(Path file) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(wanted.length);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (found.hasRemaining() && channel.read(found) >= 0) {
                // a short read is legal
            }
        }
        return Arrays.copyOf(found.array(), found.position());
    }
}
