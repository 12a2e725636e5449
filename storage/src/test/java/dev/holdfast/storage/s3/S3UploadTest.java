package dev.holdfast.storage.s3;

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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Request;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/// What becomes of an object in parts when something comes between.
final class S3UploadTest {
    /// Three whole parts and a piece of one.
    private static final byte[] LARGE = random(3 * S3Upload.PART_BYTES + 1_000);

    @TempDir private Path folder;

    @Test
    void aNameThatIsTakenMeanwhileIsRefusedAndNoPartIsLeft() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (ObjectStore store = bucket.open("p");
                ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE));
            CreateOutcome _ = store.create("a", ObjectBody.of(ByteBuffer.allocate(7)));
            assertThat(upload.commit()).isInstanceOf(CreateOutcome.AlreadyExists.class);
            assertThat(store.read("a", 0, ByteBuffer.allocate(0)))
                    .isEqualTo(new ReadOutcome.Read(0, 7));
        }
        assertThat(uploads(bucket, "p/a")).isEmpty();
    }

    /// As after a completion whose answer was lost: it is all sent again, by another upload.
    @Test
    void aNameThatHasTheSameBytesIsStoredAndNoPartIsLeft() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (ObjectStore store = bucket.open("p")) {
            for (int i = 0; i < 2; i++) {
                assertThat(store.create("a", ObjectBody.of(ByteBuffer.wrap(LARGE))))
                        .isInstanceOf(CreateOutcome.Created.class);
            }
        }
        assertThat(uploads(bucket, "p/a")).isEmpty();
    }

    @Test
    void manyAtOnceAreWholeAndHoldFewPartsInMemory() throws IOException {
        int count = 7;
        TestBucket bucket = TestBucket.make();
        List<S3Upload> uploads = new ArrayList<>();
        try (S3Client client = bucket.client()) {
            for (int i = 0; i < count; i++) {
                uploads.add(upload(bucket, client, "many-" + i));
                uploads.getLast().write(ByteBuffer.wrap(LARGE));
            }
            assertThat(uploads).allSatisfy(each -> assertThat(each.held()).isPositive());
            assertThat(uploads.stream().mapToInt(S3Upload::held).sum())
                    .isLessThanOrEqualTo(count + S3Upload.MOST_MORE);
            for (S3Upload upload : uploads) {
                assertThat(upload.commit()).isInstanceOf(CreateOutcome.Created.class);
                upload.close();
            }
            try (S3Upload again = upload(bucket, client, "again")) {
                again.write(ByteBuffer.wrap(LARGE));
                assertThat(again.held()).isEqualTo(4); // what the others had is given back
            }
        }
        try (ObjectStore store = open(bucket)) {
            for (int i = 0; i < count; i++) {
                assertThat(readAll(store, "many-" + i, LARGE.length)).isEqualTo(LARGE);
            }
        }
    }

    @Test
    void oneThatIsDroppedLeavesNoPart() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (ObjectStore store = bucket.open("p");
                ObjectUpload upload = store.upload("a")) {
            upload.write(ByteBuffer.wrap(LARGE));
            assertThat(uploads(bucket, "p/a")).hasSize(1);
        }
        assertThat(uploads(bucket, "p/a")).isEmpty();
    }

    @Test
    void aLargeBodyGoesInPartsAndMeetsTheSameCondition() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (ObjectStore store = bucket.open("p")) {
            ObjectBody body = ObjectBody.of(ByteBuffer.wrap(LARGE));
            assertThat(store.create("a", body)).isInstanceOf(CreateOutcome.Created.class);
            assertThat(store.create("b", ObjectBody.of(ByteBuffer.allocate(1))))
                    .isInstanceOf(CreateOutcome.Created.class);
            assertThat(store.create("b", body)).isInstanceOf(CreateOutcome.AlreadyExists.class);
            assertThat(store.read("b", 0, ByteBuffer.allocate(0)))
                    .isEqualTo(new ReadOutcome.Read(0, 1));
        }
        assertThat(uploads(bucket, "p/b")).isEmpty();
    }

    @Test
    void aTakenNameIsSeenThoughTheServerHangsUpBeforeItHasAllBytes() throws IOException {
        try (ObjectStore store = TestBucket.make().open("p")) {
            ObjectBody body = ObjectBody.of(ByteBuffer.wrap(LARGE, 0, S3Upload.PART_BYTES));
            assertThat(store.create("a", body)).isInstanceOf(CreateOutcome.Created.class);
            for (int i = 0; i < 5; i++) {
                assertThat(store.create("a", body)).isInstanceOf(CreateOutcome.AlreadyExists.class);
            }
        }
    }

    @Test
    void whatWasNotAcknowledgedIsSentAgain() throws IOException {
        MinioProcess first = MinioProcess.start(S3Server.program(), folder, MinioProcess.Data.KEPT);
        TestBucket bucket = TestBucket.makeOn(first.server());
        try (ObjectStore store = bucket.open("p");
                ObjectUpload upload = store.upload("a")) {
            ByteBuffer content = ByteBuffer.wrap(LARGE);
            upload.write(content.limit(2 * S3Upload.PART_BYTES));
            first.close();
            content.limit(LARGE.length);
            assertThatThrownBy(
                            () -> {
                                upload.write(content);
                                upload.commit();
                            })
                    .isInstanceOf(StoreException.Unavailable.class);
            assertThatThrownBy(upload::commit).isInstanceOf(StoreException.Unavailable.class);
            try (MinioProcess _ =
                    MinioProcess.restart(S3Server.program(), folder, first.server())) {
                upload.write(content);
                assertThat(upload.commit()).isInstanceOf(CreateOutcome.Created.class);
                assertThat(readAll(store, "a", LARGE.length)).isEqualTo(LARGE);
            }
        }
    }

    @Test
    void aCompletionWhoseAnswerWasLostIsFoundByWhatIsThere() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (S3Client client = new LosingClient(bucket.client());
                ObjectUpload upload = upload(bucket, client)) {
            upload.write(ByteBuffer.wrap(LARGE));
            assertThatThrownBy(upload::commit)
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("the answer is lost");
            assertThat(upload.commit()).isInstanceOf(CreateOutcome.Created.class);
        }
        try (ObjectStore store = open(bucket)) {
            assertThat(readAll(store, "a", LARGE.length)).isEqualTo(LARGE);
        }
    }

    private static ObjectStore open(TestBucket bucket) {
        return S3ObjectStore.open(
                bucket.place(), bucket.credentials(), TestBucket.PATIENCE, TestBucket.NEVER);
    }

    private static S3Upload upload(TestBucket bucket, S3Client client) {
        return upload(bucket, client, "a");
    }

    private static S3Upload upload(TestBucket bucket, S3Client client, String name) {
        S3Bucket requests = requests(bucket, client);
        return new S3Upload(
                requests, new S3Leftovers(requests, "none", InstantSource.system()), name);
    }

    private static S3Bucket requests(TestBucket bucket, S3Client client) {
        S3Requests requests =
                new S3Requests(
                        new S3Failures(bucket.place()), TestBucket.PATIENCE, TestBucket.NEVER);
        return new S3Bucket(client, bucket.place(), requests);
    }

    /// The first completion has its effect, and nobody learns of it.
    private static final class LosingClient extends DelegatingS3Client {
        private final AtomicBoolean hasLost = new AtomicBoolean();

        LosingClient(S3Client client) {
            super(client);
        }

        @Override
        protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
            R answer = operation.apply(request);
            if (request instanceof CompleteMultipartUploadRequest && !hasLost.getAndSet(true)) {
                throw SdkClientException.create("broken", new IOException("the answer is lost"));
            }
            return answer;
        }
    }

    @Test
    void onlyLeftoversThatAreDaysOldAreRemoved() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (S3Client client = bucket.client()) {
            String key = "log/0000000000000001.seg";
            client.createMultipartUpload(it -> it.bucket(bucket.place().bucket()).key(key));
            S3Bucket requests = requests(bucket, client);
            Clock now = Clock.system(ZoneOffset.UTC);
            // MinIO lists uploads by a whole key only
            new S3Leftovers(requests, key, now).removeDaily();
            assertThat(uploads(bucket, key)).hasSize(1);
            Clock later = Clock.offset(now, S3Leftovers.AGE.plus(Duration.ofHours(1)));
            new S3Leftovers(requests, key, later).removeDaily();
            assertThat(uploads(bucket, key)).isEmpty();
        }
    }

    @Test
    void everyRequestIsCountedByItsKind() throws IOException {
        try (ObjectStore store = TestBucket.make().open("p")) {
            assertThat(store.requests()).isEmpty();
            CreateOutcome _ = store.create("a", ObjectBody.of(ByteBuffer.allocate(1)));
            CreateOutcome _ = store.create("b", ObjectBody.of(ByteBuffer.wrap(LARGE)));
            ReadOutcome _ = store.read("a", 0, ByteBuffer.allocate(10));
            ReadOutcome _ = store.read("none", 0, ByteBuffer.allocate(10));
            ListPage _ = store.list("", null, 1);
            DeleteOutcome _ = store.delete("a");
            assertThat(store.requests())
                    .isEqualTo(
                            Map.of(
                                    "put",
                                    2L,
                                    "get",
                                    2L,
                                    "list",
                                    1L,
                                    "head",
                                    1L,
                                    "delete",
                                    2L,
                                    "list_uploads",
                                    1L,
                                    "begin_upload",
                                    2L,
                                    "part",
                                    5L,
                                    "complete_upload",
                                    2L,
                                    "abort_upload",
                                    1L));
        }
    }

    private static List<MultipartUpload> uploads(TestBucket bucket, String key) {
        try (S3Client client = bucket.client()) {
            return client.listMultipartUploads(it -> it.bucket(bucket.place().bucket()).prefix(key))
                    .uploads();
        }
    }

    private static byte[] readAll(ObjectStore store, String name, int bytes) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(bytes);
        assertThat(store.read(name, 0, content)).isEqualTo(new ReadOutcome.Read(bytes, bytes));
        return content.array();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(7).nextBytes(bytes);
        return bytes;
    }
}
