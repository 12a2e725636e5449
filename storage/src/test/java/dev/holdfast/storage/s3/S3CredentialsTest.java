package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/// Credentials in a file of their own, for one place.
final class S3CredentialsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("credentials"), text);
    }

    private static String keys(String profile, String accessKey, String secretKey) {
        return "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                .formatted(profile, accessKey, secretKey);
    }

    private static AwsCredentialsProvider of(Path file, String more) {
        return S3Credentials.of(S3Place.parse("s3://bucket?credentials=" + file + more).options());
    }

    @Test
    void aBucketIsWrittenWithThoseThatItsPlaceNames() throws IOException {
        TestBucket bucket = TestBucket.make();
        S3Server server = bucket.server();
        Path file =
                write(
                        keys("default", "nobody", "wrong")
                                + keys("mine", server.accessKey(), server.secretKey()));
        ByteBuffer body = ByteBuffer.wrap(new byte[] {1});
        try (ObjectStore store =
                S3ObjectStore.open(
                        S3Place.parse(bucket.location("x", "&profile=mine&credentials=" + file)),
                        TestBucket.NEVER)) {
            assertThat(store.create("a", ObjectBody.of(body))).isNotNull();
        }
        try (ObjectStore store =
                S3ObjectStore.open(
                        S3Place.parse(bucket.location("x", "&credentials=" + file)),
                        TestBucket.NEVER)) {
            assertThatThrownBy(() -> store.create("b", ObjectBody.of(body)))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessageContaining("these credentials are not known there");
        }
        write(keys("other", "a", "b"));
        try (ObjectStore store =
                S3ObjectStore.open(
                        S3Place.parse(bucket.location("x", "&credentials=" + file)),
                        TestBucket.NEVER)) {
            assertThatThrownBy(() -> store.create("b", ObjectBody.of(body)))
                    .isInstanceOf(StoreException.Denied.class)
                    .hasMessage(
                            "no credentials in the profile default: there is no such profile;"
                                    + " looked for in the file that credentials= names");
        }
    }

    @Test
    void aFileThatIsChangedIsReadAgain() throws IOException {
        Path file = write(keys("default", "first", "secret"));
        AwsCredentialsProvider provider = of(file, "");
        assertThat(provider.resolveCredentials().accessKeyId()).isEqualTo("first");
        write(keys("default", "second", "secret"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!provider.resolveCredentials().accessKeyId().equals("second")) {
            assertThat(System.nanoTime()).as("the second key is read").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        Files.delete(file);
        assertThat(provider.resolveCredentials().accessKeyId()).isEqualTo("second");
    }

    @Test
    void aFileThatCannotBeReadIsRefusedAndNotRepeated() {
        Path secret = folder.resolve("hunter2");
        assertThatThrownBy(() -> of(secret, ""))
                .isInstanceOf(BadConfig.class)
                .hasMessage("can't read the file that credentials= names: it is not there");
        assertThatThrownBy(() -> of(folder, ""))
                .isInstanceOf(BadConfig.class)
                .hasMessage("can't read the file that credentials= names: it is a folder");
    }

    @ParameterizedTest
    @CsvSource({
        "hunter2, Expected a profile definition on line 1",
        "[default]|hunter2, ",
        "[default]|aws_access_key_id=hunter2, Profile property 'aws_secret_access_key' was not"
                + " configured for 'default'.",
        "[default]|role_arn=hunter2|source_profile=b, The source profile of 'default' was"
                + " configured to be 'b'"
    })
    void whatLacksSomethingIsDeniedAndASecretNotRepeated(String text, String reason)
            throws IOException {
        Path file = write(text.replace('|', '\n'));
        assertThatThrownBy(() -> of(file, "").resolveCredentials())
                .isInstanceOf(SdkClientException.class)
                .cause()
                .isInstanceOf(StoreException.Denied.class)
                .hasMessageStartingWith(
                        "no credentials in the profile default: " + (reason == null ? "" : reason))
                .message()
                .doesNotContain("hunter2");
    }
}
