package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.bytes;
import static dev.holdfast.storage.StoreRequests.names;
import static dev.holdfast.storage.StoreRequests.race;
import static dev.holdfast.storage.StoreRequests.readAll;
import static dev.holdfast.storage.StoreRequests.readOutcome;
import static dev.holdfast.storage.StoreRequests.someNames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.StorageUnavailable;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/// What every [ObjectStore] does. A test class for each kind of store extends it.
public abstract class ObjectStoreContract {
    private static final int LARGE = 20 * 1024 * 1024 + 7;

    private ObjectStore store;
    private ObjectStore other;

    /// Opens a store on this test's own place, which is empty at first. Called more than once: all
    /// see the same objects.
    protected abstract ObjectStore open() throws Exception;

    /// Whether a request may have its effect and be made again, so that the second answer is the
    /// one that comes back.
    protected boolean answersMayBeLost() {
        return false;
    }

    @BeforeEach
    void openTwice() throws Exception {
        store = open();
        other = open();
    }

    @AfterEach
    void closeBoth() {
        store.close();
        other.close();
    }

    protected final ObjectStore store() {
        return store;
    }

    @Test
    void whatWasCreatedIsReadByAllInstances() throws IOException {
        byte[] content = bytes(400, 1);
        create("log/0000000000000001.seg", content);
        assertThat(readAll(store, "log/0000000000000001.seg")).isEqualTo(content);
        assertThat(readAll(other, "log/0000000000000001.seg")).isEqualTo(content);
    }

    @Test
    void aTakenNameIsRefusedAndKeepsItsContent() throws IOException {
        byte[] first = bytes(100, 1);
        create("archive.json", first);
        assertThat(store.create("archive.json", body(bytes(100, 2))))
                .isInstanceOf(CreateOutcome.AlreadyExists.class);
        assertThat(other.create("archive.json", body(bytes(90, 3))))
                .isInstanceOf(CreateOutcome.AlreadyExists.class);
        assertThat(store.create("archive.json", body(first)))
                .isInstanceOf(CreateOutcome.AlreadyExists.class);
        assertThat(readAll(other, "archive.json")).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_095, 4_096, 65_537, LARGE})
    void objectsOfAnySizeComeBackAsTheyWere(int size) throws IOException {
        byte[] content = bytes(size, size);
        create("snapshots/a.snap", content);
        assertThat(Arrays.equals(readAll(other, "snapshots/a.snap"), content)).isTrue();
        upload("snapshots/b.snap", content, Math.max(1, size / 3));
        assertThat(Arrays.equals(readAll(other, "snapshots/b.snap"), content)).isTrue();
    }

    @Test
    void ofManyWhoRaceForANameExactlyOneGetsIt() throws Exception {
        int racers = 8;
        for (int round = 0; round < 20; round++) {
            String name = "race/" + round;
            List<byte[]> contents = new ArrayList<>();
            List<Callable<CreateOutcome>> races = new ArrayList<>();
            for (int racer = 0; racer < racers; racer++) {
                byte[] content = bytes(5_000 + racer, racer);
                ObjectStore mine = racer % 2 == 0 ? store : other;
                contents.add(content);
                races.add(
                        racer % 4 < 2
                                ? () -> mine.create(name, body(content))
                                : () -> tryUpload(mine, name, content));
            }
            List<CreateOutcome> outcomes = race(races);
            byte[] winner = readAll(store, name);
            for (int racer = 0; racer < racers; racer++) {
                if (outcomes.get(racer) instanceof CreateOutcome.Created) {
                    assertThat(winner).isEqualTo(contents.get(racer));
                }
            }
            assertThat(contents).contains(winner);
            long created =
                    outcomes.stream().filter(CreateOutcome.Created.class::isInstance).count();
            assertThat(created).isBetween(answersMayBeLost() ? 0L : 1L, 1L);
        }
    }

    @Test
    void anUploadIsSeenOnlyOnceItIsCommitted() throws IOException {
        byte[] content = bytes(10_000, 4);
        upload("snapshots/before", content, 10_000);
        try (ObjectUpload upload = beginUpload("snapshots/open")) {
            write(upload, content);
            assertThat(readOutcome(other, "snapshots/open"))
                    .isInstanceOf(ReadOutcome.NotFound.class);
            assertThat(names(other, "")).containsExactly("snapshots/before");
        }
    }

    @Test
    void anUploadThatIsDroppedLeavesNothingAndItsNameFree() throws IOException {
        try (ObjectUpload upload = beginUpload("snapshots/a.snap")) {
            write(upload, bytes(10_000, 4));
        }
        assertThat(readOutcome(store, "snapshots/a.snap")).isInstanceOf(ReadOutcome.NotFound.class);
        assertThat(names(store, "")).isEmpty();
        create("snapshots/a.snap", bytes(3, 1));
        assertThat(readAll(other, "snapshots/a.snap")).isEqualTo(bytes(3, 1));
    }

    @Test
    void anUploadToANameThatWasTakenMeanwhileIsRefused() throws IOException {
        byte[] first = bytes(10, 1);
        try (ObjectUpload upload = beginUpload("snapshots/a.snap")) {
            write(upload, bytes(10_000, 4));
            create("snapshots/a.snap", first);
            assertThat(commit(upload)).isNotEqualTo(new CreateOutcome.Created());
        }
        assertThat(readAll(store, "snapshots/a.snap")).isEqualTo(first);
    }

    @Test
    void anUploadConsumesWhatItIsGiven() throws IOException {
        ByteBuffer content = ByteBuffer.wrap(bytes(1_000, 1)).position(10).limit(900);
        try (ObjectUpload upload = beginUpload("a")) {
            write(upload, content);
        }
        assertThat(content.position()).isEqualTo(900);
    }

    @Test
    void rangesAreReadAtEveryEdge() throws IOException {
        byte[] content = bytes(1_000, 5);
        create("a", content);
        for (int offset : new int[] {0, 1, 500, 998, 999, 1_000, 1_001, Integer.MAX_VALUE}) {
            for (int room : new int[] {0, 1, 2, 499, 500, 501, 1_000, 1_001, 5_000}) {
                assertRange(content, offset, room, ByteBuffer.allocate(room + 20));
                assertRange(content, offset, room, ByteBuffer.allocateDirect(room + 20));
            }
        }
    }

    private void assertRange(byte[] content, int offset, int room, ByteBuffer into)
            throws IOException {
        into.position(7).limit(7 + room);
        int wanted = Math.clamp(content.length - (long) offset, 0, room);
        assertThat(store.read("a", offset, into))
                .isEqualTo(new ReadOutcome.Read(wanted, content.length));
        assertThat(into.position()).isEqualTo(7 + wanted);
        assertThat(into.limit()).isEqualTo(7 + room);
        int from = Math.min(offset, content.length);
        assertThat(into.slice(7, wanted)).isEqualTo(ByteBuffer.wrap(content, from, wanted));
        assertThat(into.get(6)).isZero();
        assertThat(into.limit(into.capacity()).get(7 + room)).isZero();
    }

    @Test
    void anObjectMayBeLongerThanAnyOffsetThatFitsAnInt() throws IOException {
        create("a", bytes(10, 1));
        assertThat(store.read("a", Long.MAX_VALUE, ByteBuffer.allocate(10)))
                .isEqualTo(new ReadOutcome.Read(0, 10));
        assertThatThrownBy(() -> store.read("a", -1, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatWasNeverCreatedIsNotFound() throws IOException {
        create("log/a", bytes(1, 1));
        assertThat(readOutcome(store, "log/b")).isInstanceOf(ReadOutcome.NotFound.class);
        assertThat(readOutcome(store, "other/b")).isInstanceOf(ReadOutcome.NotFound.class);
        assertThat(readOutcome(store, "log")).isInstanceOf(ReadOutcome.NotFound.class);
        assertThat(store.delete("log/b")).isInstanceOf(DeleteOutcome.NotFound.class);
        assertThat(store.delete("other/b")).isInstanceOf(DeleteOutcome.NotFound.class);
        assertThat(store.delete("log")).isInstanceOf(DeleteOutcome.NotFound.class);
        assertThat(store.list("other/", null, 10)).isEqualTo(new ListPage(List.of(), false));
        assertThat(readAll(store, "log/a")).hasSize(1);
    }

    @Test
    void whatWasDeletedIsGoneAndItsNameFree() throws IOException {
        create("log/a", bytes(1, 1));
        DeleteOutcome outcome = other.delete("log/a");
        if (!answersMayBeLost()) {
            assertThat(outcome).isInstanceOf(DeleteOutcome.Deleted.class);
        }
        assertThat(readOutcome(store, "log/a")).isInstanceOf(ReadOutcome.NotFound.class);
        assertThat(names(store, "")).isEmpty();
        create("log/a", bytes(2, 2));
        assertThat(readAll(store, "log/a")).isEqualTo(bytes(2, 2));
    }

    @Test
    void aListingTellsSizesAndWhetherThereIsMore() throws IOException {
        create("log/1", bytes(10, 1));
        create("log/2", bytes(0, 1));
        create("snapshots/1", bytes(30, 1));
        ListPage.Entry one = new ListPage.Entry("log/1", 10);
        ListPage.Entry two = new ListPage.Entry("log/2", 0);
        assertThat(store.list("log/", null, 2)).isEqualTo(new ListPage(List.of(one, two), false));
        assertThat(store.list("log/", null, 1)).isEqualTo(new ListPage(List.of(one), true));
        assertThat(store.list("log/", "log/1", 1)).isEqualTo(new ListPage(List.of(two), false));
        assertThat(store.list("log/", "log/2", 1)).isEqualTo(new ListPage(List.of(), false));
    }

    @Test
    void listingsAreInOrderForEveryPrefixAndStart() throws IOException {
        NavigableSet<String> names = someNames(60, new SplittableRandom(11));
        for (String name : names) {
            create(name, bytes(1, 1));
        }
        List<String> starts = new ArrayList<>(names);
        starts.addAll(List.of("", "a", "b-", "a/b", "a/b/", "b/a.", "c/~", "~"));
        for (String prefix :
                List.of("", "a", "a/", "a-", "a/b", "a/b/", "b/a.", "c/c/c", "x", "x/y")) {
            for (String start : starts) {
                assertThat(names(store, prefix, start, 7))
                        .as("prefix %s, start %s", prefix, start)
                        .containsExactlyElementsOf(
                                startingWith(prefix, names.tailSet(start, false)));
            }
            for (int limit : new int[] {1, 2, 1_000}) {
                assertThat(names(other, prefix, null, limit))
                        .containsExactlyElementsOf(startingWith(prefix, names));
            }
        }
    }

    private static List<String> startingWith(String prefix, NavigableSet<String> names) {
        return names.stream().filter(name -> name.startsWith(prefix)).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", ".tmp", ".tmp/a",
                "a b", "ä", "a\\b", "a\0b", "a:b"
            })
    void namesThatCouldMeanAnotherPlaceAreRefused(String name) {
        assertThatThrownBy(() -> store.create(name, body(bytes(1, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.upload(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.read(name, 0, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.delete(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "../", "a/../b", ".tmp/", "a//"})
    void prefixesThatCouldMeanAnotherPlaceAreRefused(String prefix) {
        assertThatThrownBy(() -> store.list(prefix, null, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1_001})
    void aPageHoldsOneToAThousandNames(int limit) {
        assertThatThrownBy(() -> store.list("", null, limit))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBodyIsReadFromItsBeginningEveryTime() throws IOException {
        ByteBuffer content = ByteBuffer.wrap(bytes(100, 1)).position(20).limit(70);
        ObjectBody body = ObjectBody.of(content);
        create("a", body);
        create("b", body);
        assertThat(readAll(store, "a")).hasSize(50).isEqualTo(readAll(store, "b"));
        assertThat(content.position()).isEqualTo(20);
    }

    // What follows makes requests so that a lost answer does not matter.

    private void create(String name, byte[] content) throws IOException {
        create(name, body(content));
        assertThat(Arrays.equals(readAll(store, name), content)).isTrue();
    }

    private void create(String name, ObjectBody body) throws IOException {
        CreateOutcome outcome = store.create(name, body);
        if (!answersMayBeLost()) {
            assertThat(outcome).isInstanceOf(CreateOutcome.Created.class);
        }
    }

    private void upload(String name, byte[] content, int chunk) throws IOException {
        CreateOutcome outcome = null;
        for (int attempts = 0; outcome == null && attempts < 100; attempts++) {
            outcome = tryUpload(store, name, content, chunk);
        }
        assertThat(outcome).isNotNull();
        if (!answersMayBeLost()) {
            assertThat(outcome).isInstanceOf(CreateOutcome.Created.class);
        }
    }

    private CreateOutcome tryUpload(ObjectStore store, String name, byte[] content)
            throws IOException {
        CreateOutcome outcome = tryUpload(store, name, content, 2_000);
        return outcome == null ? new CreateOutcome.AlreadyExists() : outcome;
    }

    private @Nullable CreateOutcome tryUpload(
            ObjectStore store, String name, byte[] content, int chunk) throws IOException {
        try (ObjectUpload upload = store.upload(name)) {
            for (int offset = 0; offset < content.length; offset += chunk) {
                upload.write(
                        ByteBuffer.wrap(content, offset, Math.min(chunk, content.length - offset)));
            }
            return upload.commit();
        } catch (StorageUnavailable e) {
            if (!answersMayBeLost()) {
                throw e;
            }
            return null;
        }
    }

    private ObjectUpload beginUpload(String name) throws IOException {
        return store.upload(name);
    }

    private void write(ObjectUpload upload, byte[] content) throws IOException {
        write(upload, ByteBuffer.wrap(content));
    }

    private void write(ObjectUpload upload, ByteBuffer content) throws IOException {
        int position = content.position();
        try {
            upload.write(content);
        } catch (StorageUnavailable e) {
            if (!answersMayBeLost()) {
                throw e;
            }
            content.position(
                    content.limit()); // the caller would begin anew; these tests do not commit
            assertThat(position).isLessThanOrEqualTo(content.limit());
        }
    }

    private @Nullable CreateOutcome commit(ObjectUpload upload) throws IOException {
        try {
            return upload.commit();
        } catch (StorageUnavailable e) {
            if (!answersMayBeLost()) {
                throw e;
            }
            return null;
        }
    }
}
