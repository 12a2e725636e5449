package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// What is made of listings, on which it depends where a log ends.
final class S3ListingTest {
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

    @ParameterizedTest
    @ValueSource(strings = {"", "<html><p>Hi</p></html>", "<ListBucketResult/>"})
    void anAnswerThatDoesNotSayWhetherItIsAllIsNoEmptyListing(String body) {
        server.then(200, Map.of(), body);
        assertThatThrownBy(this::list)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessage("the answer to a listing of x/log/ does not say whether it is all");
    }

    @Test
    void anAnswerThatBreaksOffIsAskedForAgain() {
        server.then(
                200,
                Map.of(),
                "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>x/log/1</Key>");
        assertThatThrownBy(this::list)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining(" broke off: ");
    }

    @Test
    void anEmptyPageIsNotTheEnd() throws IOException {
        server.then(200, Map.of(), emptyPage("more"));
        server.then(200, Map.of(), page(entry("x/log/1", "<Size>5</Size>")));
        assertThat(list()).isEqualTo(new ListPage(List.of(new ListPage.Entry("log/1", 5)), false));
        assertThat(server.asked().getLast().line()).contains("continuation-token=more");
    }

    @Test
    void emptyPagesThatLeadNowhereAreGivenUp() {
        server.then(200, Map.of(), emptyPage("t")).then(200, Map.of(), emptyPage("t"));
        assertEndless(2);
    }

    @Test
    void emptyPagesWithoutEndAreGivenUp() {
        for (int i = 0; i < S3Listing.MAX_EMPTY_PAGES; i++) {
            server.then(200, Map.of(), emptyPage("t" + i));
        }
        assertEndless(S3Listing.MAX_EMPTY_PAGES);
    }

    private void assertEndless(int pages) {
        assertThatThrownBy(this::list)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessage(
                        "the store's listing of x/log/ does not get on: empty pages %d, and more to"
                                + " come",
                        pages);
        assertThat(server.asked()).hasSize(pages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"y", "x/lo", "z/log/1", "x/marks/1"})
    void whatWasNotAskedForIsRefused(String key) {
        server.then(200, Map.of(), page(entry(key, "<Size>5</Size>")));
        assertThatThrownBy(this::list)
                .isInstanceOf(StoreException.Denied.class)
                .hasMessage(
                        "the store lists what was not asked for: found %s, wanted x/log/…", key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<Size>-5</Size>"})
    void anObjectWithoutASizeIsNotMadeOne(String size) {
        server.then(200, Map.of(), page(entry("x/log/1", size)));
        assertThatThrownBy(this::list)
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageStartingWith("the store does not say how large x/log/1 is");
    }

    /// UTF-8's order and that of Java's chars differ for these two.
    @Test
    void somebodyElsesKeysAreInTheOrderOfTheirBytes() throws IOException {
        server.then(
                200,
                Map.of(),
                page(
                        entry("x/log/&#65374;", "<Size>1</Size>")
                                + entry("x/log/&#128512;", "<Size>1</Size>")));
        assertThat(list()).isEqualTo(new ListPage(List.of(), false));
    }

    @Test
    void somebodyElsesKeysMayHaveCharactersThatXmlHasNot() throws IOException {
        TestBucket bucket = TestBucket.make();
        try (S3Client client = bucket.client();
                ObjectStore real = bucket.open("p")) {
            for (String key : List.of("p/log/\u0001", "p/log/a b+c%41", "p/log/\ud83d\ude00")) {
                client.putObject(
                        it -> it.bucket(bucket.place().bucket()).key(key), RequestBody.empty());
            }
            CreateOutcome _ = real.create("log/1", ObjectBody.of(ByteBuffer.allocate(1)));
            assertThat(real.list("log/", null, 10))
                    .isEqualTo(new ListPage(List.of(new ListPage.Entry("log/1", 1)), false));
        }
    }

    private ListPage list() throws IOException {
        return store.list("log/", null, 10);
    }

    private static String emptyPage(String next) {
        return "<ListBucketResult><IsTruncated>true</IsTruncated>"
                + "<NextContinuationToken>%s</NextContinuationToken></ListBucketResult>"
                        .formatted(next);
    }

    private static String page(String contents) {
        return "<ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>"
                .formatted(contents);
    }

    private static String entry(String key, String size) {
        return "<Contents><Key>%s</Key>%s</Contents>".formatted(key, size);
    }
}
