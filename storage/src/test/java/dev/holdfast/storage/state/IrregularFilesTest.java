package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.format.failure.SidecarException.LocalFiles;
import dev.holdfast.storage.Pipes;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A state folder in which something else has a file's name: nobody opens it, as that may never
/// end.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class IrregularFilesTest {
    @TempDir private Path folder;

    private Path lock = Path.of("");
    private Path pages = Path.of("");
    private Path writer = Path.of("");

    @BeforeEach
    void nameFiles() {
        lock = folder.resolve("lock");
        pages = folder.resolve("pages");
        writer = folder.resolve("writer");
    }

    @Test
    void aPipeIsNamedAndNotOpened() throws Exception {
        assertRefused(() -> readIdentity(folder), Pipes.make(writer), "a pipe");
        assertRefused(this::openPages, Pipes.make(pages), "a pipe");
        Files.delete(lock);
        assertRefused(() -> StateFolder.open(folder), Pipes.make(lock), "a pipe");
    }

    @Test
    void aSocketIsNamedAndNotOpened() throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(writer));
            assertRefused(() -> readIdentity(folder), writer, "a socket");
        }
    }

    @Test
    void aLinkToADeviceIsNamedAndNotOpened() throws IOException {
        Files.createSymbolicLink(pages, Path.of("/dev/zero"));
        assertRefused(this::openPages, pages, "a device");
    }

    @Test
    void aFolderAndALinkToNowhereAreNamed() throws IOException {
        assertRefused(() -> readIdentity(folder), Files.createDirectory(writer), "a folder");
        Files.createSymbolicLink(pages, folder.resolve("nowhere"));
        assertRefused(this::openPages, pages, "a link that leads nowhere");
    }

    @Test
    void aPipeIsNoFolderForState() throws Exception {
        Path pipe = Pipes.make(folder.resolve("state"));
        assertThatExceptionOfType(LocalFiles.class)
                .isThrownBy(() -> StateFolder.open(pipe))
                .withMessage("%s is a pipe, wanted a folder", pipe);
    }

    private static void assertRefused(ThrowingCallable opening, Path file, String kind) {
        assertThatExceptionOfType(LocalFiles.class)
                .isThrownBy(opening)
                .withMessage("%s is %s, wanted a file", file, kind);
    }

    private static void readIdentity(Path folder) {
        StateFolder.readIdentity(folder);
    }

    private void openPages() {
        try (StateFolder state = StateFolder.open(folder)) {
            state.pages();
        }
    }
}
