package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Sealing;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;

/// An archive is taken over from a writer that is at work: whenever that takes the next name.
final class OwningTest {
    private static final PageSize PAGE_SIZE = new PageSize(512);

    /// More than a start makes.
    private static final int MOST_REQUESTS = 16;

    @TempDir Path folder;
    private int states;

    private LogStart takeOver(ObjectStore store) throws IOException {
        Path path = folder.resolve("state-" + states++);
        try (StateFolder state = StateFolder.open(path);
                Spool spool = Spool.open(state.spool())) {
            return takeOver(store, state, spool);
        }
    }

    private LogStart takeOver(ObjectStore store, StateFolder state, Spool spool)
            throws IOException {
        FollowerOptions options =
                FollowedDatabase.takingOver(
                        FollowedDatabase.options(folder.resolve("app.db"), state.path()));
        return LogStart.find(List.of(store), state, spool, options, Timekeeper.system());
    }

    /// A store whose writer stores a commit in front of some of the requests of another, who are
    /// counted from 0.
    private static final class BusyStore extends ForwardingStore {
        private final InMemoryObjectStore store;
        private final TestArchive writer;
        private final IntPredicate isBusy;
        private int requests;

        BusyStore(InMemoryObjectStore store, IntPredicate isBusy) throws IOException {
            super(store);
            this.store = store;
            this.isBusy = isBusy;
            this.writer = new TestArchive(store, 5, PAGE_SIZE, Codec.ZSTD);
            writer.rebase(RebaseReason.FIRST, 3);
            writer.ship();
        }

        private void work() throws IOException {
            if (isBusy.test(requests++)) {
                commit();
            }
        }

        void commit() throws IOException {
            writer.commits(1);
            writer.ship();
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            work();
            return super.create(name, body);
        }

        @Override
        public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
            work();
            return super.read(name, offset, into);
        }

        @Override
        public ListPage list(String prefix, @Nullable String startAfter, int limit)
                throws IOException {
            work();
            return super.list(prefix, startAfter, limit);
        }

        /// The claim is behind all that its writer stored, and in front of all it wants to store.
        void assertFenced(LogStart claimed, String as) throws IOException {
            long lastSeq = writer.lastSeq();
            assertThat(claimed.end().seq()).as(as).isEqualTo(lastSeq + 1);
            assertThat(claimed.end().tx()).as(as).isEqualTo(writer.lastTx());
            assertThat(claimed.stored().orElseThrow().durable()).as(as).isEqualTo(claimed.end());
            writer.commits(1);
            assertThatThrownBy(writer::ship).as(as).hasMessageContaining("AlreadyExists");
            assertThat(StoredLog.segments(store))
                    .as(as)
                    .hasSize((int) lastSeq + 1)
                    .last()
                    .satisfies(last -> {
                        assertThat(last.kind()).isEqualTo(SegmentHeader.Kind.CLAIM);
                        assertThat(last.writer()).isEqualTo(claimed.identity().writer());
                    });
            writer.close();
        }
    }

    @Test
    void aNameThatIsTakenAtAnyMomentIsLeftToItsWriter() throws IOException {
        for (int i = 0; i < MOST_REQUESTS; i++) {
            int moment = i;
            BusyStore store =
                    new BusyStore(new InMemoryObjectStore(), request -> request == moment);
            store.assertFenced(takeOver(store), "taken at request " + moment);
        }
    }

    @Test
    void aWriterThatIsBusyForAWhileIsCaughtUpWith() throws IOException {
        for (int i = 0; i < MOST_REQUESTS; i++) {
            int end = i;
            BusyStore store = new BusyStore(new InMemoryObjectStore(), request -> request < end);
            store.assertFenced(takeOver(store), "busy up to request " + end);
        }
    }

    @Test
    void aWriterThatIsAlwaysFasterIsNamedAndNothingIsForgotten() throws IOException {
        BusyStore busy = new BusyStore(new InMemoryObjectStore(), _ -> false);
        ObjectStore store =
                new ForwardingStore(busy) {
                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        busy.commit();
                        return super.create(name, body);
                    }
                };
        Path path = folder.resolve("state");
        try (StateFolder state = StateFolder.open(path);
                Spool spool = Spool.open(state.spool())) {
            assertThat(
                            LogStart.find(
                                            List.of(new InMemoryObjectStore()),
                                            state,
                                            spool,
                                            FollowedDatabase.options(
                                                    folder.resolve("app.db"), path),
                                            Timekeeper.system())
                                    .end()
                                    .seq())
                    .isZero();
            WriterIdentity before = state.identity().orElseThrow();
            assertThatThrownBy(() -> takeOver(store, state, spool))
                    .isInstanceOf(SidecarException.Fenced.class)
                    .hasMessageContaining("1,000 times")
                    .hasMessageContaining(busy.writer.segment(1).writer().toString());
            assertThat(state.identity())
                    .hasValueSatisfying(after -> {
                        assertThat(after.database()).isEqualTo(before.database());
                        assertThat(after.stores()).isEqualTo(before.stores());
                        assertThat(after.isClaiming()).isTrue();
                    });
        }
        assertThat(StoredLog.segments(store))
                .noneMatch(segment -> segment.kind() == SegmentHeader.Kind.CLAIM);
    }

    @Test
    void aClaimWhoseAnswerWasLostIsOursAndTheOnlyOne() throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        BusyStore busy = new BusyStore(store, _ -> false);
        ObjectStore forgetful =
                new ForwardingStore(store) {
                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        assertThat(super.create(name, body))
                                .isInstanceOf(CreateOutcome.Created.class);
                        return super.create(name, body);
                    }
                };
        busy.assertFenced(takeOver(forgetful), "with a lost answer");
    }

    @Test
    void aClaimThatWasOvertakenBeforeItsAnswerCameIsMadeAgain() throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        BusyStore busy = new BusyStore(store, _ -> false);
        WriterId third = new WriterId(3);
        ObjectStore slow =
                new ForwardingStore(store) {
                    private boolean isOvertaken;

                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        CreateOutcome outcome = super.create(name, body);
                        if (isOvertaken) {
                            return outcome;
                        }
                        isOvertaken = true;
                        StoredLog.claim(store, third);
                        return new CreateOutcome.AlreadyExists();
                    }
                };
        LogStart start = takeOver(slow);
        assertThat(StoredLog.segments(store))
                .extracting(SegmentHeader::writer)
                .containsExactly(
                        busy.writer.segment(1).writer(),
                        start.identity().writer(),
                        third,
                        start.identity().writer());
        busy.writer.close();
    }

    /// A claim in the clear behind what is encrypted could be read by nobody, and would never go
    /// away.
    @Test
    void aWriterThatBeginsToEncryptMeanwhileIsNotFollowedInTheClear() throws IOException {
        BusyStore busy = new BusyStore(new InMemoryObjectStore(), _ -> false);
        ObjectStore store =
                new ForwardingStore(busy) {
                    private boolean isSealed;

                    @Override
                    public CreateOutcome create(String name, ObjectBody body) throws IOException {
                        if (!isSealed) {
                            isSealed = true;
                            busy.writer.seal(new Sealing(List.of(Identity.generate().recipient())));
                            busy.commit();
                        }
                        return super.create(name, body);
                    }
                };
        assertThatThrownBy(() -> takeOver(store))
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessageContaining("encrypted");
        assertThat(StoredLog.segments(store))
                .noneMatch(segment -> segment.kind() == SegmentHeader.Kind.CLAIM);
        busy.writer.close();
    }
}
