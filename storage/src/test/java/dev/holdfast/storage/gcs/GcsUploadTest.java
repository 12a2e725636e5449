package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;

/// What becomes of an object in parts when something comes between.
final class GcsUploadTest {
    /// Two whole parts and a piece of one.
    private static final byte[] LARGE = random(2 * GcsUpload.PART_BYTES + 1_000);

    private static final String BUCKET = "some-bucket";

    private StrictGcs server;
    private ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = StrictGcs.start(BUCKET);
        store = GcsStores.open(server.endpoint(), BUCKET, "p");
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    @Test
    void aNameThatIsTakenMeanwhileIsRefusedAndTheUploadEnds() throws Exception {
        try (ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE));
            create("a", new byte[7]);
            assertThat(upload.commit()).isInstanceOf(CreateOutcome.AlreadyExists.class);
            assertThat(store.read("a", 0, ByteBuffer.allocate(0)))
                    .isEqualTo(new ReadOutcome.Read(0, 7));
        }
        assertThat(server.bucket(BUCKET).sessions()).isZero();
    }

    @Test
    void oneThatIsDroppedEndsTheUpload() throws Exception {
        try (ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE));
            assertThat(server.bucket(BUCKET).sessions()).isOne();
        }
        assertThat(server.bucket(BUCKET).sessions()).isZero();
        assertThat(server.asked()).anyMatch(line -> line.startsWith("DELETE /upload/"));
    }

    @Test
    void aNameThatIsTakenBeforeTakesNoBytes() throws Exception {
        create("a", new byte[7]);
        assertThat(store.create("a", ObjectBody.of(ByteBuffer.wrap(LARGE))))
                .isInstanceOf(CreateOutcome.AlreadyExists.class);
        assertThat(server.asked()).noneMatch(line -> line.startsWith("PUT "));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, StrictBucket.QUANTUM, 5 * StrictBucket.QUANTUM, Integer.MAX_VALUE})
    void aPartOfWhichLessIsKeptIsSentOnFromThere(int keeps) throws IOException {
        prove();
        server.breakPart(keeps);
        try (ObjectUpload upload = store.upload("a")) {
            ByteBuffer content = ByteBuffer.wrap(LARGE);
            CreateOutcome outcome = null;
            for (int tries = 0; outcome == null && tries < 5; tries++) {
                try {
                    upload.write(content);
                    outcome = upload.commit();
                } catch (StoreException.Unavailable _) {
                    assertThat(upload.isRepeatable()).isTrue();
                }
            }
            assertThat(outcome).isInstanceOf(CreateOutcome.Created.class);
        }
        assertThat(readAll("a")).isEqualTo(LARGE);
    }

    @Test
    void anEndWhoseAnswerWasLostIsFoundByWhatIsThere() throws IOException {
        try (ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE, 0, GcsUpload.PART_BYTES + 1));
            server.loseAnswer("PUT /upload/").loseAnswer("PUT /upload/");
            CreateOutcome outcome = null;
            int failures = 0;
            while (outcome == null) {
                try {
                    outcome = upload.commit();
                } catch (StoreException.Unavailable _) {
                    assertThat(++failures).isLessThan(5);
                }
            }
            assertThat(outcome).isInstanceOf(CreateOutcome.Created.class);
            assertThat(failures).isPositive();
        }
        assertThat(store.read("a", 0, ByteBuffer.allocate(0)))
                .isEqualTo(new ReadOutcome.Read(0, GcsUpload.PART_BYTES + 1));
    }

    @Test
    void anUploadThatIsGoneIsBegunAnewByWhoeverWantsIt() throws IOException {
        try (ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE));
            server.refuse("PUT /upload/", 410, "", "gone");
            assertThatThrownBy(upload::commit)
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("has ended the upload");
            assertThat(upload.isRepeatable()).isFalse();
        }
        create("a", LARGE);
        assertThat(readAll("a")).isEqualTo(LARGE);
    }

    @Test
    void bytesThatTheStoreGotOtherwiseAreRefusedByIt() throws IOException {
        server.refuse("POST /upload/", 400, "invalid", "Provided MD5 hash \"a\" doesn't match");
        assertThatThrownBy(() -> create("a", new byte[7]))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("did not get what was sent");
        assertThat(store.read("a", 0, ByteBuffer.allocate(1)))
                .isInstanceOf(ReadOutcome.NotFound.class);
    }

    @Test
    void everyRequestIsCountedByItsKind() throws IOException {
        assertThat(store.requests()).isEmpty();
        create("a", new byte[1]);
        create("b", LARGE);
        ReadOutcome _ = store.read("a", 0, ByteBuffer.allocate(10));
        ReadOutcome _ = store.read("none", 0, ByteBuffer.allocate(10));
        ListPage _ = store.list("", null, 1);
        DeleteOutcome _ = store.delete("a");
        assertThat(store.requests())
                .isEqualTo(
                        Map.of(
                                "put",
                                1L,
                                "get",
                                2L,
                                "list",
                                1L,
                                "head",
                                1L,
                                "delete",
                                2L,
                                "begin_upload",
                                3L,
                                "part",
                                5L));
        assertThat(server.asked()).hasSize(15);
    }

    @Test
    void aServerThatForgetsTheConditionIsRefusedBeforeAnyPartIsSent() throws Exception {
        server.bucket(BUCKET).forgetConditions();
        assertThatThrownBy(() -> create("a", LARGE))
                .isInstanceOfSatisfying(
                        StoreException.Denied.class,
                        e -> assertThat(e.remedy()).contains("ifGenerationMatch=0"))
                .hasMessageStartingWith("the store overwrites objects that come in parts: probe/");
        assertThat(store.requests()).containsEntry("part", 2L); // of the probe
        assertThat(server.bucket(BUCKET).sessions()).isZero();
        assertThat(store.list("", null, 1).entries()).isEmpty();
    }

    @Test
    void aServerThatKeepsTheConditionIsAskedOnceAndKeepsNothingOfIt() throws IOException {
        prove();
        long before = server.asked().size();
        create("a", new byte[GcsUpload.PART_BYTES + 1]);
        assertThat(server.asked()).hasSize((int) before + 3); // the beginning and two parts
        assertThat(store.list("probe/", null, 1).entries()).isEmpty();
    }

    @Test
    void ofTwoUploadsOfOneNameOneIsStoredAndTheOtherToldThatItExists() throws IOException {
        byte[] other = LARGE.clone();
        other[0]++;
        try (ObjectUpload first = store.upload("a");
                ObjectUpload second = store.upload("a")) {
            first.write(ByteBuffer.wrap(other));
            second.write(ByteBuffer.wrap(LARGE));
            assertThat(second.commit()).isInstanceOf(CreateOutcome.Created.class);
            assertThat(first.commit()).isInstanceOf(CreateOutcome.AlreadyExists.class);
        }
        assertThat(readAll("a")).isEqualTo(LARGE);
    }

    /// What is asked before the first part of a store, so that what a test chooses happens to its
    /// own.
    private void prove() throws IOException {
        try (ObjectUpload upload = store.upload("proof")) {
            upload.write(ByteBuffer.allocate(GcsUpload.PART_BYTES + 1));
        }
    }

    private void create(String name, byte[] content) throws IOException {
        assertThat(store.create(name, ObjectBody.of(ByteBuffer.wrap(content))))
                .isInstanceOf(CreateOutcome.Created.class);
    }

    private byte[] readAll(String name) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(LARGE.length);
        assertThat(store.read(name, 0, content))
                .isEqualTo(new ReadOutcome.Read(LARGE.length, LARGE.length));
        return content.array();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(7).nextBytes(bytes);
        return bytes;
    }
}
