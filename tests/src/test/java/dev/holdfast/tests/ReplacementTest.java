package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Another database comes to the place of one that its application has closed. Holdfast has kept
/// the old one's WAL alive; it must not be laid over the new one.
final class ReplacementTest {
    @TempDir private Path folder;

    private interface Replacement {
        void put(Path other, Path database) throws IOException;
    }

    @Test
    void aFileThatIsRenamedOverAClosedDatabaseIsFollowedAsItIs() throws IOException {
        assertFollowed(
                (other, database) -> Files.move(other, database, StandardCopyOption.ATOMIC_MOVE));
    }

    @Test
    void aFileThatIsCopiedOverAClosedDatabaseIsFollowedAsItIs() throws IOException {
        assertFollowed((other, database) -> {
            // As operations.md asks for: until then the last checkpoint may come over a copy
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
            Files.write(database, Files.readAllBytes(other));
        });
    }

    @Test
    void anotherFileInPlaceOfARemovedDatabaseIsFollowedAsItIs() throws IOException {
        assertFollowed((other, database) -> {
            Files.delete(database);
            Files.move(other, database);
        });
    }

    @Test
    void aDatabaseThatIsOnlyTouchedGoesOnWithoutAGap() throws IOException {
        try (Replication replication = Replication.start(database(), archive())) {
            follow(replication);
            // When all is copied back, and so the file at rest, can't be seen from here
            for (long millis = 1; isFirst(replication); millis++) {
                Files.setLastModifiedTime(database(), FileTime.fromMillis(millis));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            assertThat(replication.awaitFollowing().text("continuity")).isEqualTo("pages");
            replication.stop();
        }
    }

    /// The worst that can be: Holdfast sees the new file late, and by then an application has
    /// committed to it, into the WAL that Holdfast keeps alive, and has died.
    @Test
    void whatIsCommittedToTheNewFileBeforeHoldfastSeesItIsNotTakenAway() throws IOException {
        try (Replication replication = Replication.start(database(), archive())) {
            follow(replication);
            Path backup = folder.resolve("backup.db");
            Files.copy(database(), backup);
            replication.signal("STOP");
            Files.move(backup, database(), StandardCopyOption.ATOMIC_MOVE);
            try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 5)) {
                writer.tell("open wal_autocheckpoint=0");
                writer.tell("run chat 3");
                writer.kill();
                replication.signal("CONT");
                Json _ = replication.awaitEvent("waiting");
                try (Writer next = Writer.start(WriterKind.PYTHON, database(), 6)) {
                    next.tell("open");
                    assertThat(next.found().n()).isEqualTo(writer.last().n());
                    assertThat(next.found().image()).isEqualTo(writer.last().image());
                }
            }
        }
    }

    @Test
    void aDatabaseThatIsMovedAwayAndBackWhileItIsUsedGoesOnWithoutAGap() throws IOException {
        try (Replication replication = Replication.start(database(), archive())) {
            Json _ = replication.awaitEvent("waiting");
            try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 7)) {
                writer.tell("open");
                writer.tell("run mixed 10");
                // What comes before the first snapshot can't be restored
                replication.awaitDurable(writer.last().n());
                Path away = folder.resolve("away.db");
                Files.move(database(), away);
                Json _ = replication.awaitEvent("waiting");
                Files.move(away, database());
                assertThat(replication.awaitFollowing().text("continuity")).isEqualTo("wal");
                writer.tell("run mixed 10");
                replication.stop();
                assertThat(new EveryTransaction(archive(), folder).equals(writer.states()))
                        .isGreaterThan(20);
            }
        }
    }

    private static boolean isFirst(Replication replication) {
        return replication.isAlive()
                && replication.events().stream()
                                .filter(event -> event.text("event").equals("following"))
                                .count()
                        < 2;
    }

    private void assertFollowed(Replacement replacement) throws IOException {
        Path other = folder.resolve("other.db");
        write(other, 2, "run mixed 60");
        String image = DatabaseImage.of(other);
        try (Replication replication = Replication.start(database(), archive())) {
            follow(replication);
            replacement.put(other, database());
            // A copy that is seen half is followed half, for a moment
            Json following = replication.awaitFollowing();
            while (!isFollowed(following)) {
                following = replication.awaitFollowing();
            }
            assertThat(following.text("reason")).isEqualTo("database_replaced");
            assertThat(DatabaseImage.of(database())).isEqualTo(image);
            try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 3)) {
                writer.tell("open");
                assertThat(writer.found().image()).isEqualTo(image);
                writer.tell("run mixed 10");
                writer.exit();
                replication.stop();
                assertThat(new EveryTransaction(archive(), folder).equals(writer.states()))
                        .isEqualTo(10);
            }
        }
    }

    /// Ends when the application has closed, and all that it did is durable.
    private void follow(Replication replication) {
        Json _ = replication.awaitEvent("waiting");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database(), 1)) {
            writer.tell("open");
            Json _ = replication.awaitFollowing();
            writer.tell("run mixed 10");
            replication.awaitDurable(11);
            writer.exit();
        }
    }

    private static boolean isFollowed(Json following) {
        return following.text("continuity").equals("rebased")
                && !following.text("reason").equals("first");
    }

    private static void write(Path database, long seed, String command) {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed)) {
            writer.tell("open");
            writer.tell(command);
            writer.exit();
        }
    }

    private Path database() {
        return folder.resolve("app.db");
    }

    private Path archive() {
        return folder.resolve("archive");
    }
}
