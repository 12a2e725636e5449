package dev.holdfast.storage;

import static dev.holdfast.storage.ObjectStoreContract.ascii;
import static dev.holdfast.storage.ObjectStoreContract.body;
import static dev.holdfast.storage.ObjectStoreContract.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class StoreLocationTest {
    @TempDir private Path parent;

    @ParameterizedTest
    @CsvSource({
        "/srv/archive, /srv/archive",
        "file:/srv/archive, /srv/archive",
        "file:///srv/archive, /srv/archive",
        "FILE:/srv/my%20archive, /srv/my archive",
        "/srv/a:b, /srv/a:b"
    })
    void pathsAndFileUrlsAreFolders(String text, Path root) {
        assertThat(StoreLocation.parse(text)).isEqualTo(new StoreLocation.Folder(root));
    }

    @Test
    void aRelativePathIsResolvedOnce() {
        assertThat(StoreLocation.parse("./s3:x"))
                .hasToString("file:" + Path.of("./s3:x").toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s3://bucket/prefix",
                "gs://bucket",
                "s3:bucket",
                "file:archive",
                "file://host/x",
                "file:/a b",
                "a\0b"
            })
    void allElseIsRefusedWithAHint(String text) {
        assertThatThrownBy(() -> StoreLocation.parse(text))
                .isInstanceOfSatisfying(
                        BadConfig.class, e -> assertThat(e.remedy()).contains("/srv/archive"));
    }

    @Test
    void anUnknownSchemeIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> StoreLocation.parse("s3://bucket/prefix"))
                .hasMessage(
                        "no kind of store is called \"s3\": found s3://bucket/prefix, supported are"
                                + " a path and file:");
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
