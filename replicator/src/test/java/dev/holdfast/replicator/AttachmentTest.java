package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.state.StateFolder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

final class AttachmentTest {
    @TempDir Path folder;

    /// The trouble after which the first was let go of told nothing of another file.
    @Test
    void anotherDatabaseAfterTroubleIsAnotherDatabase() throws Exception {
        Path database = create("app.db");
        Path other = create("other.db");
        FollowerOptions options = FollowedDatabase.options(database);
        try (StateFolder state = StateFolder.open(options.state());
                Spool spool = Spool.open(state.spool())) {
            LogStart start =
                    LogStart.find(
                            List.of(new InMemoryObjectStore()),
                            state,
                            spool,
                            options,
                            Timekeeper.system());
            try (LogWriter log = TestSpool.logWriter(start, spool)) {
                Attachment attachment = new Attachment(database, log, Timekeeper.system());
                try (LiveDatabase first = attach(attachment, RebaseReason.FIRST)) {
                    attachment.left(first.files().moved());
                }
                attach(attachment, RebaseReason.CONTINUITY_LOST).close();
                try (LiveDatabase again = attach(attachment, RebaseReason.CONTINUITY_LOST)) {
                    attachment.left(again.files().moved());
                }
                Files.move(other, database, StandardCopyOption.REPLACE_EXISTING);
                assertThat(attempt(attachment, RebaseReason.CONTINUITY_LOST))
                        .satisfies(attached -> attached.live().close())
                        .extracting(Attachment.Step.Attached::continuity)
                        .isEqualTo(
                                new FollowerEvent.Continuity.Rebased(
                                        RebaseReason.DATABASE_REPLACED));
            }
        }
    }

    /// Its commits have no state checksum, without which none can be restored.
    @Test
    void whatComesWithoutAPageMapIsNotCalledDurableBeforeASnapshot() throws Exception {
        Path database = folder.resolve("app.db");
        InMemoryObjectStore store = new InMemoryObjectStore();
        try (Application application = Application.start(database, 1);
                Application reader = Application.start(database, 2)) {
            application.tell("create 4096 1000");
            // Else the WAL begins anew if the first has had the time to copy it back
            reader.tell("open");
            reader.tell("sql BEGIN");
            reader.tell("sql SELECT count(*) FROM t");
            FollowedDatabase first = FollowedDatabase.following(database, store);
            application.tell("run 5");
            assertThat(first.stop().isAllDurable()).isTrue();
            Files.delete(folder.resolve("state/pages"));
            FollowedDatabase second = FollowedDatabase.following(database, store);
            reader.tell("close");
            application.tell("run 5");
            assertThat(second.stop().isAllDurable()).isTrue();
            assertThat(second.hasRebasedMoreThanOnce()).as("%s", second).isFalse();
            ArchivedHistory.assertHolds(application, store);
        }
    }

    private Path create(String name) {
        Path database = folder.resolve(name);
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 1000");
            application.tell("close");
        }
        return database;
    }

    /// Also that it is as told: of the same file.
    private static LiveDatabase attach(Attachment attachment, RebaseReason reason)
            throws Exception {
        Attachment.Step.Attached attached = attempt(attachment, reason);
        assertThat(attached.continuity()).isEqualTo(new FollowerEvent.Continuity.Rebased(reason));
        return attached.live();
    }

    private static Attachment.Step.Attached attempt(Attachment attachment, RebaseReason reason)
            throws Exception {
        if (attachment.attempt(Optional.empty(), reason)
                instanceof Attachment.Step.Attached attached) {
            return attached;
        }
        throw new AssertionError("it waits");
    }
}
