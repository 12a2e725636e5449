package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/// Which unfinished uploads are removed, and which are left to who may be at work.
final class S3LeftoversTest {
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

    private static final Map<String, String> BY_THE_SERVERS_CLOCK =
            Map.of(
                    "Date",
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(NOW.atOffset(ZoneOffset.UTC)));

    private ScriptedServer server;
    private S3Client client;
    private S3Bucket bucket;
    private S3Leftovers leftovers;
    private Instant time = NOW;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start();
        S3Place place =
                S3Place.parse("s3://some-bucket/x?endpoint=http://127.0.0.1:" + server.port());
        client =
                S3Connection.open(
                        place,
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")));
        bucket =
                new S3Bucket(
                        client,
                        place,
                        new S3Requests(
                                new S3Failures(place), TestBucket.PATIENCE, TestBucket.NEVER));
        InstantSource clock = () -> time;
        leftovers = new S3Leftovers(bucket, place.key(""), clock);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static String upload(String id, Duration age) {
        return "<Upload><Key>x/snapshots/0000000000000001.snap</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                .formatted(id, NOW.minus(age));
    }

    private static String page(String more, String... uploads) {
        return "<ListMultipartUploadsResult>%s%s</ListMultipartUploadsResult>"
                .formatted(more, String.join("", uploads));
    }

    private static String more(String keyMarker, String idMarker) {
        return "<IsTruncated>true</IsTruncated><NextKeyMarker>%s</NextKeyMarker><NextUploadIdMarker>%s</NextUploadIdMarker>"
                .formatted(keyMarker, idMarker);
    }

    private static String parts(String more, Duration... ages) {
        StringBuilder parts = new StringBuilder();
        for (Duration age : ages) {
            parts.append("<Part><LastModified>%s</LastModified></Part>".formatted(NOW.minus(age)));
        }
        return "<ListPartsResult>%s%s</ListPartsResult>".formatted(more, parts);
    }

    /// What was asked, without what does not matter here.
    private List<String> asked() {
        return server.asked().stream()
                .map(request -> request.line().replace(" HTTP/1.1", ""))
                .toList();
    }

    @Test
    void allPagesAreLookedAt() {
        Duration weeks = Duration.ofDays(15);
        server.then(200, Map.of(), page(more("x/a", "u1"), upload("u1", weeks)))
                .then(204, Map.of(), "")
                .then(200, Map.of(), page(more("x/a", "u2"), upload("u2", weeks)))
                .then(204, Map.of(), "")
                .then(200, Map.of(), page("", upload("u3", weeks)))
                .then(204, Map.of(), "");
        leftovers.removeDaily();
        assertThat(asked())
                .satisfiesExactly(
                        first -> assertThat(first).doesNotContain("marker"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u1"),
                        second ->
                                assertThat(second)
                                        .contains("key-marker=x%2Fa", "upload-id-marker=u1"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u2"),
                        third -> assertThat(third).contains("upload-id-marker=u2"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u3"));
    }

    @Test
    void aListingThatDoesNotGetOnIsNotAskedForEver() {
        server.then(200, Map.of(), page(more("x/a", "u1")))
                .then(200, Map.of(), page(more("x/a", "u1")));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(2);
    }

    @Test
    void nobodyWithMoreThanTheMostPagesIsWaitedFor() {
        for (int i = 0; i < S3Leftovers.MAX_PAGES; i++) {
            server.then(200, Map.of(), page(more("x/a", "u" + i)));
        }
        leftovers.removeDaily();
        assertThat(asked()).hasSize(S3Leftovers.MAX_PAGES);
    }

    @Test
    void oneOfWhichNobodyHasSentAPartForADayIsRemoved() {
        Duration day = Duration.ofHours(25);
        server.then(200, BY_THE_SERVERS_CLOCK, page("", upload("u1", day), upload("u2", day)))
                .then(200, Map.of(), parts("", day, day))
                .then(204, Map.of(), "")
                .then(200, Map.of(), parts(""))
                .then(204, Map.of(), "");
        leftovers.removeDaily();
        assertThat(asked())
                .satisfiesExactly(
                        list -> assertThat(list).startsWith("GET /some-bucket?"),
                        question -> assertThat(question).contains("GET ", "uploadId=u1"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u1"),
                        question -> assertThat(question).contains("GET ", "uploadId=u2"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u2"));
    }

    @Test
    void oneThatSomebodyWasAtWorkOnWithinADayIsLeft() {
        Duration days = Duration.ofDays(3);
        server.then(
                        200,
                        BY_THE_SERVERS_CLOCK,
                        page("", upload("u1", days), upload("u2", Duration.ofHours(23))))
                .then(
                        200,
                        Map.of(),
                        parts(
                                "<IsTruncated>true</IsTruncated><NextPartNumberMarker>2"
                                        + "</NextPartNumberMarker>",
                                days,
                                days))
                .then(200, Map.of(), parts("", days, Duration.ofHours(23)));
        leftovers.removeDaily();
        assertThat(asked())
                .hasSize(3)
                .noneMatch(line -> line.startsWith("DELETE "))
                .last()
                .asString()
                .contains("uploadId=u1", "part-number-marker=2");
    }

    @Test
    void whoIsNotToldOfPartsWaitsForAWeek() {
        Duration days = Duration.ofDays(3);
        server.then(200, BY_THE_SERVERS_CLOCK, page("", upload("u1", days), upload("u2", days)))
                .thenError(403, "AccessDenied", "No.");
        leftovers.removeDaily();
        assertThat(asked()).hasSize(2).noneMatch(line -> line.startsWith("DELETE "));
    }

    @Test
    void whatAServerWithoutAClockSaysIsOlderThanAWeekOrLeft() {
        server.then(200, Map.of(), page("", upload("u1", Duration.ofDays(3))));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"3", "15"})
    void whatThisProcessHasUnderWayIsLeftHoweverLongItRests(int days) {
        S3Bucket.Upload own = new S3Bucket.Upload("own", true);
        leftovers.began(own);
        try {
            server.then(200, BY_THE_SERVERS_CLOCK, page("", upload("own", Duration.ofDays(days))));
            leftovers.removeDaily();
            assertThat(asked()).hasSize(1);
        } finally {
            leftovers.ended(own);
        }
    }

    @Test
    void itIsLookedForOnceADay() {
        server.then(200, Map.of(), page("")).then(200, Map.of(), page(""));
        leftovers.removeDaily();
        time = NOW.plus(Duration.ofHours(23));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(1);
        time = NOW.plus(Duration.ofHours(25));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"404, NoSuchUpload", "403, AccessDenied"})
    void oneThatCantBeRemovedIsNotInTheWayOfTheOthers(int status, String code) {
        Duration weeks = Duration.ofDays(15);
        server.then(200, Map.of(), page("", upload("u1", weeks), upload("u2", weeks)))
                .thenError(status, code, "No.")
                .then(204, Map.of(), "");
        leftovers.removeDaily();
        assertThat(asked())
                .satisfiesExactly(
                        list -> assertThat(list).startsWith("GET "),
                        refused -> assertThat(refused).contains("DELETE ", "uploadId=u1"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u2"));
    }

    /// Each removal takes 15 s here: what is left after 30 s waits for the next day.
    @Test
    void aLookThatTakesLongGoesOnFromThereTheNextDay() {
        Duration weeks = Duration.ofDays(15);
        InstantSource slow =
                () -> {
                    Instant now = time;
                    time = now.plus(Duration.ofSeconds(15));
                    return now;
                };
        leftovers = new S3Leftovers(bucket, "x/", slow);
        server.then(
                        200,
                        Map.of(),
                        page("", upload("u1", weeks), upload("u2", weeks), upload("u3", weeks)))
                .then(204, Map.of(), "")
                .then(204, Map.of(), "")
                .then(200, Map.of(), page("", upload("u3", weeks)))
                .then(204, Map.of(), "")
                .then(200, Map.of(), page(""));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(3).last().asString().contains("DELETE ", "uploadId=u2");
        time = time.plus(Duration.ofHours(25));
        leftovers.removeDaily();
        assertThat(asked().subList(3, 5))
                .satisfiesExactly(
                        list ->
                                assertThat(list)
                                        .contains(
                                                "key-marker=x%2Fsnapshots", "upload-id-marker=u2"),
                        removal -> assertThat(removal).contains("DELETE ", "uploadId=u3"));
        time = time.plus(Duration.ofHours(25));
        leftovers.removeDaily();
        assertThat(asked()).hasSize(6).last().asString().doesNotContain("marker");
    }
}
