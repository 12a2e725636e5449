package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.s3.TestBucket;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/// Two machines want one archive. While a request of the one is under way, before it reaches the
/// store or before its answer comes, the other takes the archive over; at every request of a run.
/// One goes on, the other ends as fenced, and nothing that was stored changes.
final class RivalAtEveryRequestTest {
    /// Of a bucket's requests each so many-th one is tried, `RIVAL_STEP=1` in the environment: all.
    private static final int BUCKET_STEP =
            Integer.parseInt(System.getenv().getOrDefault("RIVAL_STEP", "5"));

    private final long seed = Long.getLong("seed", System.nanoTime());

    @TempDir private Path folder;

    @Test
    void ofTwoWritersOneSurvivesWhicheverRequestTheyMeetAt() throws Exception {
        int meetings = meetings(1, _ -> new InMemoryObjectStore());
        assertThat(meetings).isGreaterThan(25);
    }

    @Test
    void ofTwoWritersOnARealServerOneSurvives() throws Exception {
        TestBucket bucket = TestBucket.make();
        int meetings = meetings(BUCKET_STEP, request -> bucket.open("meeting" + request));
        assertThat(meetings).isGreaterThan(25 / BUCKET_STEP);
    }

    /// Returns how many there were before the first writer's run was over.
    private int meetings(int step, IntFunction<ObjectStore> stores) throws Exception {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        int meetings = 0;
        boolean hasMet = true;
        for (int moment = 1; hasMet; moment += step) {
            Path own = Files.createDirectory(folder.resolve("meeting" + moment));
            try (Meeting meeting = new Meeting(own, seed, stores.apply(moment), moment)) {
                hasMet = meeting.run();
                meetings += hasMet ? 1 : 0;
            } catch (AssertionError | Exception e) {
                throw new AssertionError("at moment " + moment + ", seed=" + seed, e);
            }
        }
        return meetings;
    }

    /// One machine.
    private record Machine(Application application, FollowerOptions options) {
        static Machine at(Path folder, long seed) throws IOException {
            Path database = Files.createDirectory(folder).resolve("app.db");
            return new Machine(
                    Application.withCommits(database, seed), FollowedDatabase.options(database));
        }
    }

    /// The rival comes at one moment of the first writer's run.
    private static final class Meeting implements AutoCloseable {
        private final Machine here;
        private final Machine there;
        private final ObjectStore store;
        private final Crossing crossing;
        private @Nullable FollowedDatabase rival;
        private List<Stored> before = List.of();

        Meeting(Path folder, long seed, ObjectStore store, int moment) throws IOException {
            here = Machine.at(folder.resolve("here"), seed);
            there = Machine.at(folder.resolve("there"), seed + 1);
            this.store = store;
            this.crossing = new Crossing(store, moment, this::takeOver);
        }

        private void takeOver() {
            try {
                before = Stored.all(store);
                FollowedDatabase other =
                        FollowedDatabase.start(FollowedDatabase.takingOver(there.options), store);
                rival = other;
                try {
                    long tx = other.await(FollowerEvent.Following.class).tx();
                    assertThat(other.awaitDurable(tx)).isGreaterThanOrEqualTo(tx);
                } catch (AssertionError e) {
                    if (!other.isFenced()) {
                        throw e;
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        boolean run() throws Exception {
            Optional<FollowerEnd> first = unlessFenced();
            FollowedDatabase second = rival;
            if (second == null) {
                assertThat(first).isPresent();
                ArchivedHistory.assertHolds(here.application, store);
                return false;
            }
            if (first.isPresent() && second.isFenced()) {
                // There was no log to claim yet, and the first was first with its first segment
                ArchivedHistory.assertHolds(here.application, store);
                assertThat(Stored.all(store)).containsAll(before);
                return true;
            }
            // It may have shipped all, and asked for nothing more, when the other came
            first.ifPresent(this::assertAllIsBeforeTheClaim);
            there.application.tell("run 5");
            assertThat(second.stop().isAllDurable()).isTrue();
            assertThat(Stored.all(store)).containsAll(before);
            assertThat(ArchivedHistory.read(store).database()).isEqualTo(there.application.pages());
            assertThat(StoredLog.segments(store))
                    .extracting(SegmentHeader::writer)
                    .satisfies(Meeting::assertEachWroteInOnePiece);
            assertSnapshotsAreOfThisLog();
            return true;
        }

        /// How the first writer's run ended.
        private Optional<FollowerEnd> unlessFenced() {
            try {
                FollowedDatabase first = FollowedDatabase.start(here.options, crossing);
                try {
                    first.await(FollowerEvent.SnapshotDone.class);
                    for (int i = 0; i < 3; i++) {
                        here.application.tell("fast 3");
                        first.await(FollowerEvent.Durable.class);
                    }
                } catch (AssertionError e) {
                    if (rival == null) {
                        throw e;
                    }
                }
                // Who has been taken over finds out by its next upload
                here.application.tell("fast 3");
                FollowerEnd end = first.stop();
                assertThat(end.isAllDurable()).isTrue();
                return Optional.of(end);
            } catch (SidecarException.Fenced _) {
                return Optional.empty();
            }
        }

        private void assertAllIsBeforeTheClaim(FollowerEnd end) {
            try {
                assertThat(StoredLog.segments(store))
                        .filteredOn(each -> each.kind() == SegmentHeader.Kind.CLAIM)
                        .singleElement()
                        .extracting(SegmentHeader::firstTx)
                        .isEqualTo(end.capturedTx() + 1);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private static void assertEachWroteInOnePiece(List<?> writers) {
            List<Object> turns = new ArrayList<>();
            for (Object writer : writers) {
                if (turns.isEmpty() || !turns.getLast().equals(writer)) {
                    turns.add(writer);
                }
            }
            assertThat(turns).hasSizeLessThanOrEqualTo(2).doesNotHaveDuplicates();
        }

        private void assertSnapshotsAreOfThisLog() throws IOException, FormatException {
            Archive archive = StoredLog.archive(store);
            for (long name : archive.snapshots()) {
                SnapshotReader snapshot = archive.snapshot(name);
                long consistentAt = snapshot.footer().consistentAt();
                try (LogReader log = archive.log(consistentAt)) {
                    assertThat(log.next()).isPresent();
                    log.verify();
                    assertThat(log.digest()).isEqualTo(snapshot.footer().segmentDigest());
                }
            }
        }

        @Override
        public void close() {
            FollowedDatabase second = rival;
            if (second != null) {
                second.close();
            }
            here.application.close();
            there.application.close();
            store.close();
        }
    }

    /// An object, and what is in it.
    private record Stored(String name, ByteBuffer bytes) {
        static List<Stored> all(ObjectStore store) throws IOException {
            List<Stored> all = new ArrayList<>();
            for (ListPage.Entry entry : store.list("", null, 1_000).entries()) {
                ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.bytes()));
                assertThat(store.read(entry.name(), 0, bytes)).isInstanceOf(ReadOutcome.Read.class);
                all.add(new Stored(entry.name(), bytes.flip()));
            }
            return all;
        }
    }

    /// Lets something happen at one moment: each request has two, before it and before its answer.
    private static final class Crossing extends ForwardingStore {
        private final AtomicInteger moments = new AtomicInteger();
        private final int moment;
        private final Runnable happens;

        Crossing(ObjectStore store, int moment, Runnable happens) {
            super(store);
            this.moment = moment;
            this.happens = happens;
        }

        private void pass() {
            if (moments.incrementAndGet() == moment) {
                happens.run();
            }
        }

        private <T> T around(Request<T> request) throws IOException {
            pass();
            T answer = request.send();
            pass();
            return answer;
        }

        private interface Request<T> {
            T send() throws IOException;
        }

        @Override
        public CreateOutcome create(String name, ObjectBody body) throws IOException {
            return around(() -> super.create(name, body));
        }

        @Override
        public ObjectUpload upload(String name) throws IOException {
            ObjectUpload upload = around(() -> super.upload(name));
            return new ObjectUpload() {
                @Override
                public void write(ByteBuffer bytes) throws IOException {
                    upload.write(bytes);
                }

                @Override
                public CreateOutcome commit() throws IOException {
                    return around(upload::commit);
                }

                @Override
                public boolean isRepeatable() {
                    return upload.isRepeatable();
                }

                @Override
                public void close() throws IOException {
                    upload.close();
                }
            };
        }

        @Override
        public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
            return around(() -> super.read(name, offset, into));
        }

        @Override
        public ListPage list(String prefix, @Nullable String startAfter, int limit)
                throws IOException {
            return around(() -> super.list(prefix, startAfter, limit));
        }

        @Override
        public DeleteOutcome delete(String name) throws IOException {
            return around(() -> super.delete(name));
        }
    }
}
