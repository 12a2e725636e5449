package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;
import static dev.holdfast.storage.StoreRequests.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.gcs.GcsPlace;
import dev.holdfast.storage.s3.S3Place;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

final class StoreLocationTest {
    private static final long SEED = Long.getLong("seed", 1);

    /// A name of Unicode's two forms (é) among them.
    private static final List<String> LETTERS =
            List.of(
                    " ", "%", "%20", "#", "?", "\n", "\r", "\t", "\u0001", "\u007f", ".", ":", ";",
                    "\\", "&", "+", "~", "\"", "'", "<", "[", "é", "e\u0301", "漢", "🗝", "a", "Z");

    @TempDir private Path parent;

    @ParameterizedTest
    @CsvSource({
        "/srv/archive, /srv/archive",
        "file:/srv/archive, /srv/archive",
        "file:///srv/archive, /srv/archive",
        "FILE:/srv/my%20archive, /srv/my archive",
        "/srv/a:b, /srv/a:b",
        "/srv/./archive/, /srv/archive",
        "/srv/x/../archive, /srv/archive",
        "file:/srv/x/../archive, /srv/archive",
        "file:///srv//, /srv",
        "file:/srv%2F%2F/, /srv",
        "file:/srv%2F%2Farchive, /srv/archive",
        "file:////, /",
        "/../srv/.., /"
    })
    void pathsAndFileUrlsAreFolders(String text, Path root) {
        assertThat(StoreLocation.parse(text)).isEqualTo(new StoreLocation.Folder(root));
    }

    @Test
    void whatIsNotAbsoluteIsMeantFromTheFolderThatIsNamed() {
        Path from = Path.of("/etc/holdfast");
        assertThat(StoreLocation.parse("../archive", from)).hasToString("file:/etc/archive");
        assertThat(StoreLocation.parse("/srv/archive", from)).hasToString("file:/srv/archive");
        assertThat(StoreLocation.parse("file:/srv/archive", from)).hasToString("file:/srv/archive");
        assertThat(StoreLocation.parse("s3://bucket/a?ca=ca.pem", from))
                .hasToString("s3://bucket/a?ca=/etc/holdfast/ca.pem");
    }

    @Test
    void aRelativePathIsResolvedOnce() {
        assertThat(StoreLocation.parse("./s3:x"))
                .isEqualTo(new StoreLocation.Folder(Path.of("s3:x").toAbsolutePath()));
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "./", "x/..", ""})
    void theWorkingDirectoryIsNamedInFull(String below) {
        assertThat(new StoreLocation.Folder(Path.of(below)).root())
                .isEqualTo(Path.of("").toAbsolutePath());
    }

    @Test
    void dotsBehindALinkLeadToWhereTheFileSystemGoes() throws IOException {
        Path target = Files.createDirectories(parent.resolve("far/target"));
        Path link = Files.createSymbolicLink(parent.resolve("link"), target);
        StoreLocation sibling = StoreLocation.parse(link + "/../archive");
        assertThat(sibling)
                .isEqualTo(new StoreLocation.Folder(target.toRealPath().resolveSibling("archive")));
        assertThat(StoreLocation.parse(link + "/archive"))
                .isEqualTo(new StoreLocation.Folder(link.resolve("archive")));
    }

    @RepeatedTest(500)
    void whatIsToldIsReadBackWhateverTheFolderIsCalled(RepetitionInfo repetition)
            throws IOException {
        SplittableRandom random = new SplittableRandom(SEED + repetition.getCurrentRepetition());
        Path path = randomPath(random);
        StoreLocation location = new StoreLocation.Folder(path);
        String told = location.toString();
        String what = "seed %d: %s".formatted(SEED, told);
        assertThat(told).as(what).matches("[!-~]+").doesNotContain("/./", "/../");
        assertThat(StoreLocation.parse(told)).as(what).isEqualTo(location);

        Path folder = Files.createDirectories(parent.resolve(path.getFileName()));
        StoreLocation there = new StoreLocation.Folder(folder);
        assertThat(StoreLocation.parse(there.toString())).as(what).isEqualTo(there);
        try (ObjectStore store = StoreLocation.parse(there.toString()).openForReading()) {
            assertThat(store.location()).as(what).isEqualTo(there.toString());
        }
    }

    /// Relative or absolute, of names in which everything means something to somebody.
    private static Path randomPath(SplittableRandom random) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "/" : "n/");
        for (int names = random.nextInt(1, 4); names > 0; names--) {
            for (int length = random.nextInt(1, 6); length > 0; length--) {
                text.append(LETTERS.get(random.nextInt(LETTERS.size())));
            }
            text.append(names > 1 ? "/" : "x"); // so that the last is never . or ..
        }
        return Path.of(text.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "gcs://bucket",
                "azure://bucket/prefix",
                "file:archive",
                "file://host/x",
                "file:/a b",
                "file:///srv/my%a0archive",
                "/srv/my\uFFFDarchive",
                "a\0b"
            })
    void allElseIsRefusedWithAHint(String text) {
        assertThatThrownBy(() -> StoreLocation.parse(text))
                .isInstanceOfSatisfying(
                        BadConfig.class, e -> assertThat(e.remedy()).contains("/srv/archive"));
    }

    @Test
    void anUnknownSchemeIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> StoreLocation.parse("az://bucket/prefix"))
                .hasMessage(
                        "no kind of store is called \"az\": found az://bucket/prefix, supported are"
                                + " a path, file:, s3: and gs:");
    }

    @Test
    void aBucketOfGooglesIsAPlaceToo() {
        String url = "gs://bucket/prefix?project=who-pays";
        assertThat(StoreLocation.parse(url))
                .isEqualTo(new StoreLocation.GoogleBucket(GcsPlace.parse(url)))
                .hasToString(url);
        assertThatThrownBy(() -> StoreLocation.parse("gs:bucket"))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.remedy()).contains("gs://bucket/prefix"));
        try (ObjectStore store = StoreLocation.parse(url).openForReading()) {
            assertThat(store.location()).isEqualTo(url);
            assertThat(store.requests()).isEmpty();
        }
    }

    @Test
    void aBucketIsAPlaceToo() {
        String url = "s3://bucket/prefix?region=eu-central-1";
        assertThat(StoreLocation.parse(url))
                .isEqualTo(new StoreLocation.Bucket(S3Place.parse(url)))
                .hasToString(url);
        assertThat(StoreLocation.parse("S3" + url.substring(2)))
                .isEqualTo(StoreLocation.parse(url));
        assertThatThrownBy(() -> StoreLocation.parse("s3:bucket"))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.remedy()).contains("s3://bucket/prefix"));
        try (ObjectStore store = StoreLocation.parse(url).openForReading()) {
            assertThat(store.location()).isEqualTo(url);
        }
    }

    @Test
    void aPasswordInAUrlOfAnotherKindIsNotRepeated() {
        assertThatThrownBy(() -> StoreLocation.parse("https://user:hunter2@minio.example/bucket"))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.getMessage() + e.remedy()).doesNotContain("hunter2"));
    }

    @Test
    void writingMakesTheFolderAndReadingDoesNot() throws IOException {
        StoreLocation location = StoreLocation.parse(parent.resolve("a/b").toString());
        assertThatThrownBy(location::openForReading)
                .isInstanceOf(StorageUnavailable.class)
                .hasMessageContaining(parent.resolve("a/b") + ": the folder is not there");
        assertThat(parent).isEmptyDirectory();
        try (ObjectStore store = location.openForWriting()) {
            CreateOutcome _ = store.create("log/1", body(ascii("1")));
            assertThat(store.location()).isEqualTo(location.toString());
        }
        try (ObjectStore store = location.openForReading()) {
            assertThat(names(store, "")).containsExactly("log/1");
        }
    }

    @Test
    void whatWasMadeForNothingIsRemovedAgain() throws IOException {
        Path root = parent.resolve("sub/a/b");
        StoreLocation location = new StoreLocation.Folder(root);
        try (ObjectStore _ = location.openForWriting()) {
            assertThat(root).exists();
        }
        assertThat(parent).isEmptyDirectory();

        Path mine = Files.createDirectories(parent.resolve("mine"));
        Path tooLong = mine.resolve("made/" + "n".repeat(300));
        assertThatThrownBy(new StoreLocation.Folder(tooLong)::openForWriting)
                .isInstanceOf(SidecarException.class);
        try (ObjectStore _ = new StoreLocation.Folder(mine).openForWriting()) {
            assertThat(mine).isNotEmptyDirectory();
        }
        assertThat(mine).isEmptyDirectory();
    }

    @Test
    void whatAnotherHasStoredMeanwhileIsLeftAlone() throws IOException {
        StoreLocation location = new StoreLocation.Folder(parent.resolve("sub/archive"));
        try (ObjectStore other = location.openForWriting()) {
            try (ObjectStore first = location.openForWriting()) {
                CreateOutcome _ = first.create("log/1", body(ascii("1")));
            }
            CreateOutcome _ = other.create("log/2", body(ascii("2")));
        }
        try (ObjectStore store = location.openForReading()) {
            assertThat(names(store, "")).containsExactly("log/1", "log/2");
        }
    }

    @Test
    void aFileIsNotAFolder() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "x");
        for (Path path : new Path[] {file, file.resolve("below")}) {
            StoreLocation location = StoreLocation.parse(path.toString());
            assertThatThrownBy(location::openForWriting)
                    .isInstanceOf(StorageDenied.class)
                    .hasMessageContaining("file: not a folder");
        }
        assertThatThrownBy(StoreLocation.parse(file.toString())::openForReading)
                .isInstanceOf(StorageDenied.class)
                .hasMessageContaining("file: not a folder");
    }
}
