package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.Pipes;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Something else than a file under a name that SQLite gives to files beside a database: nobody
/// opens it, as that may never end.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class IrregularSiblingsTest {
    @TempDir private Path folder;

    private Path database = Path.of("");

    @BeforeEach
    void nameDatabase() throws IOException {
        database = folder.toRealPath().resolve("app.db");
    }

    private Path sibling(String suffix) {
        return LiveDatabase.sibling(database, suffix);
    }

    private void makeDatabase() {
        try (Application application = Application.withCommits(database, 1)) {
            application.tell("close");
        }
    }

    private void assertIrregular(Path sibling, String kind) throws IOException {
        assertThat(DatabaseLook.at(database))
                .isEqualTo(
                        new DatabaseLook.Irregular(
                                "%s is %s, wanted a file".formatted(sibling, kind)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-journal", "-wal", "-shm"})
    void itIsNamed(String suffix) throws Exception {
        makeDatabase();
        Path sibling = sibling(suffix);
        Files.delete(assertNamed(Pipes.make(sibling), "a pipe"));
        Files.delete(assertNamed(Files.createDirectory(sibling), "a folder"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(sibling));
            assertIrregular(sibling, "a socket");
        }
        Files.delete(sibling);
        Files.createSymbolicLink(sibling, Pipes.make(folder.resolve("elsewhere")));
        assertIrregular(sibling, "a pipe");
    }

    private Path assertNamed(Path sibling, String kind) throws IOException {
        assertIrregular(sibling, kind);
        return sibling;
    }

    /// To SQLite it is not there.
    @Test
    void aLinkToNowhereIsNothing() throws IOException {
        makeDatabase();
        Files.createSymbolicLink(sibling("-journal"), folder.resolve("nowhere"));
        assertThat(DatabaseLook.at(database)).isInstanceOf(DatabaseLook.Wal.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-journal", "-wal", "-shm"})
    void itIsWaitedForUntilItIsGone(String suffix) throws Exception {
        makeDatabase();
        Path pipe = Pipes.make(sibling(suffix));
        EarlyRefusal.check(database, new CountDownLatch(1), System::nanoTime);
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (FollowedDatabase followed =
                FollowedDatabase.start(FollowedDatabase.options(database), store)) {
            assertThat(followed.await(FollowerEvent.Waiting.class).why())
                    .startsWith(pipe + " is a pipe, wanted a file")
                    .contains("move it away");
            Files.delete(pipe);
            followed.await(FollowerEvent.Following.class);
            assertThat(followed.stop().isAllDurable()).isTrue();
        }
    }

    /// To keep the WAL a connection is opened, which looks for a journal.
    @Test
    void oneThatComesLaterIsNotOpenedWhenTheWalIsToBeKept() throws Exception {
        makeDatabase();
        LiveDatabase live = LiveDatabase.open(database).orElseThrow();
        Path pipe = Pipes.make(sibling("-journal"));
        assertThatThrownBy(live::closeKeepingWal)
                .isInstanceOf(LiveDatabaseException.class)
                .hasMessage("%s is a pipe, wanted a file", pipe);
    }

    @Test
    void aPipeInThePlaceOfTheDatabaseIsNotOpenedWhenItIsLeft() throws Exception {
        makeDatabase();
        LiveDatabase live = LiveDatabase.open(database).orElseThrow();
        Files.delete(database);
        Path pipe = Pipes.make(database);
        live.leave();
        assertThat(pipe).exists();
    }
}
