package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.RetryPolicy;
import dev.holdfast.storage.RetryingObjectStore;
import dev.holdfast.storage.StoppableClock;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;

/// What servers say of objects in parts that MinIO can't be brought to say.
final class S3PartsTest {
    /// One whole part, and one of a byte.
    private static final ByteBuffer LARGE = ByteBuffer.allocate(S3Upload.PART_BYTES + 1);

    /// Two whole parts.
    private static final ByteBuffer SAME = ByteBuffer.allocate(2 * S3Upload.PART_BYTES);

    private static final String SAME_PART = "\"96995b58d4cbf6aaa9041b4f00c7f6ae\"";
    private static final String OF_SAME_PARTS = "\"3a2d20e2e504fe056bbaae5b4c2351fd-2\"";
    private static final String OTHER = "\"00000000000000000000000000000000-2\"";

    private static final String BEGUN =
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
    private static final Map<String, String> ETAG = Map.of("ETag", "\"e-1\"");

    private ScriptedServer server;
    private ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start();
        store = server.open("");
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    /// The probe's object, and an upload over it that waits for its completion.
    private void thenProbe() {
        server.then(200, ETAG, "").then(200, Map.of(), BEGUN).then(200, ETAG, "");
    }

    private void thenProven() {
        thenProbe();
        server.thenError(412, "PreconditionFailed", "Words.")
                .then(204, Map.of(), "")
                .then(204, Map.of(), "");
    }

    private void thenParts() {
        thenProven();
        server.then(200, Map.of(), "<ListMultipartUploadsResult/>")
                .then(200, Map.of(), BEGUN)
                .then(200, ETAG, "")
                .then(200, ETAG, "");
    }

    @Test
    void aServerThatOverwritesByACompletionIsRefusedBeforeAnythingIsUploaded() {
        thenProbe();
        server.then(
                        200,
                        Map.of(),
                        "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
                                + "</CompleteMultipartUploadResult>")
                .then(204, Map.of(), "");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageStartingWith("the store overwrites objects that come in parts: probe/");
        assertThat(server.asked())
                .hasSize(5)
                .allSatisfy(
                        request -> assertThat(request.line()).contains("/some-bucket/x/probe/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>Log in to this network</html>",
                "<CompleteMultipartUploadResult/>",
                "<CompleteMultipartUploadResult><Key>x/a</Key>" + "</CompleteMultipartUploadResult>"
            })
    void aCompletionThatNamesNoObjectIsNone(String body) {
        thenParts();
        server.then(200, Map.of(), body).then(204, Map.of(), "");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessage(
                        "the store has not said that it stored a: there is no ETag in its answer");
    }

    /// With the ETags of S3: two whole parts, whose order does not matter as they are the same.
    private void thenSameParts() {
        thenProven();
        server.then(200, Map.of(), "<ListMultipartUploadsResult/>")
                .then(200, Map.of(), BEGUN)
                .then(200, Map.of("ETag", SAME_PART), "")
                .then(200, Map.of("ETag", SAME_PART), "");
    }

    private static String completed(String etag) {
        return "<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>"
                .formatted(etag);
    }

    @Test
    void anObjectOfTheVeryPartsIsStored() throws IOException {
        thenSameParts();
        server.then(200, Map.of(), completed(OF_SAME_PARTS));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.Created.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {OTHER, "\"3a2d20e2e504fe056bbaae5b4c2351fd-3\""})
    void anObjectOfOtherPartsIsLeftToWhoeverReadsWhatIsThere(String etag) throws IOException {
        thenSameParts();
        server.then(200, Map.of(), completed(etag)).then(200, Map.of("ETag", etag), "x".repeat(16));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.AlreadyExists.class);
        assertThat(server.asked().getLast().line()).startsWith("HEAD /some-bucket/x/a");
    }

    @Test
    void anAnswerThatIsWrongAboutTheRightObjectIsFoundOut() throws IOException {
        thenSameParts();
        server.then(200, Map.of(), completed(OTHER))
                .then(200, Map.of("ETag", OF_SAME_PARTS), "x".repeat(16));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.Created.class);
    }

    @Test
    void anObjectOfOtherPartsThatIsNotThereIsNotStored() throws IOException {
        thenSameParts();
        server.then(200, Map.of(), completed(OTHER))
                .then(404, Map.of(), "")
                .thenError(404, "NoSuchKey", "Words.");
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.AlreadyExists.class);
    }

    @Test
    void anETagOfAnotherKindOfServerOrOfAKeyOfKmsSaysNothingOfTheParts() throws IOException {
        thenSameParts();
        server.then(200, Map.of(), completed("\"0123-made-otherwise\""));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.Created.class);
        server.then(200, Map.of(), BEGUN)
                .then(200, Map.of("ETag", SAME_PART), "")
                .then(200, Map.of("ETag", SAME_PART), "")
                .then(200, Map.of("x-amz-server-side-encryption", "aws:kms"), completed(OTHER));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.Created.class);
        Map<String, String> byKms =
                Map.of("ETag", "\"a\"", "x-amz-server-side-encryption", "aws:kms");
        server.then(200, Map.of(), BEGUN)
                .then(200, byKms, "")
                .then(200, byKms, "")
                .then(200, Map.of(), completed(OTHER));
        assertThat(create(SAME)).isInstanceOf(CreateOutcome.Created.class);
    }

    @Test
    void anErrorThatFollowsAGoodStatusIsTriedAgain() {
        thenParts();
        server.thenError(200, "InternalError", "Words.").then(204, Map.of(), "");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageEndingWith(" failed (InternalError, 200): Words.");
    }

    @Test
    void aPartThatIsNotAcknowledgedIsToldWithAHint() {
        thenProven();
        server.then(200, Map.of(), "<ListMultipartUploadsResult/>")
                .then(200, Map.of(), BEGUN)
                .then(200, Map.of(), "")
                .then(200, Map.of(), "")
                .then(204, Map.of(), "");
        assertThatThrownBy(this::create)
                .isInstanceOfSatisfying(
                        StoreException.Unavailable.class,
                        e -> assertThat(e.remedy()).startsWith("Check what stands between"))
                .hasMessage(
                        "the store has not said that it stored a: there is no ETag in its answer");
    }

    @Test
    void anUploadWithoutAnIdIsNone() {
        thenProven();
        server.then(200, Map.of(), "<ListMultipartUploadsResult/>");
        server.then(200, Map.of(), "<InitiateMultipartUploadResult/>");
        assertThatThrownBy(this::create)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("there is no id of an upload in its answer");
    }

    @Test
    void anUploadThatWasEndedFromOutsideIsBegunAnewAndNotAskedForAgain() {
        thenParts();
        server.thenError(404, "NoSuchUpload", "Words.")
                .then(404, Map.of(), "")
                .thenError(404, "NoSuchKey", "Words.");
        try (ObjectStore retrying =
                        new RetryingObjectStore(
                                store,
                                RetryPolicy.DEFAULT,
                                StoppableClock.of(TestBucket.NEVER),
                                new Random(7));
                ObjectUpload upload = retrying.upload("a")) {
            upload.write(LARGE.duplicate());
            assertThatThrownBy(upload::commit)
                    .isInstanceOf(StorageUnavailable.class)
                    .hasMessageContaining("which is not tried again")
                    .hasMessageEndingWith(" has ended the upload (NoSuchUpload, 404): Words.");
        } catch (IOException e) {
            throw new AssertionError("closing found nothing to drop", e);
        }
        assertThat(server.asked()).hasSize(13);
    }

    @Test
    void onlyWhatAnArchiveUploadsIsItsLeftover() {
        thenProven();
        server.then(
                        200,
                        Map.of(),
                        "<ListMultipartUploadsResult>"
                                + leftover("x/films/a.mov", "2020-01-01T00:00:00.000Z")
                                + leftover("x/log/0000000000000001.seg", "2020-01-01T00:00:00.000Z")
                                + "<Upload><Key>x/log/0000000000000002.seg</Key>"
                                + "<UploadId>u</UploadId></Upload></ListMultipartUploadsResult>")
                .then(204, Map.of(), "")
                .thenError(400, "InvalidRequest", "Words.");
        assertThatThrownBy(this::create).isInstanceOf(StoreException.Denied.class);
        assertThat(server.asked().stream().map(ScriptedServer.Asked::line).skip(7))
                .satisfiesExactly(
                        removal ->
                                assertThat(removal)
                                        .startsWith(
                                                "DELETE /some-bucket/x/log/0000000000000001.seg?"),
                        begin -> assertThat(begin).startsWith("POST /some-bucket/x/a?uploads"));
    }

    private static String leftover(String key, String initiated) {
        return "<Upload><Key>%s</Key><UploadId>u</UploadId><Initiated>%s</Initiated></Upload>"
                .formatted(key, initiated);
    }

    private CreateOutcome create() throws IOException {
        return create(LARGE);
    }

    private CreateOutcome create(ByteBuffer content) throws IOException {
        return store.create("a", ObjectBody.of(content.duplicate()));
    }
}
