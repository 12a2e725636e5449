package dev.holdfast.format.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

final class IoReasonTest {
    @TempDir Path folder;

    @Test
    void aReasonIsInWordsAndNotTheNameOfAClass() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "");
        assertThat(reason(() -> Files.readString(folder.resolve("b"))))
                .isEqualTo(folder.resolve("b") + ": it is not there");
        assertThat(reason(() -> Files.createFile(file))).isEqualTo(file + ": it exists already");
        assertThat(IoReason.of(new NotDirectoryException("/a")))
                .isEqualTo("/a: it is not a folder");
        assertThat(reason(() -> Files.readString(file.resolve("c"))))
                .isEqualTo(file.resolve("c") + ": Not a directory");
        assertThat(reason(() -> Files.delete(folder)))
                .isEqualTo(folder + ": the folder is not empty");
        assertThat(IoReason.of(new AccessDeniedException("/a"))).isEqualTo("/a: permission denied");
        assertThat(IoReason.of(new FileSystemException("/a", null, "No space left on device")))
                .isEqualTo("/a: No space left on device");
        assertThat(IoReason.of(new UncheckedIOException(new IOException("why")))).isEqualTo("why");
        assertThat(IoReason.of(new ClosedChannelException())).isEqualTo("the file was closed");
        assertThat(IoReason.of(new IOException())).doesNotContain("Exception");
    }

    private interface Doing {
        void run() throws IOException;
    }

    private static String reason(Doing doing) {
        try {
            doing.run();
        } catch (IOException e) {
            return IoReason.of(e);
        }
        throw new AssertionError("it did not fail");
    }
}
