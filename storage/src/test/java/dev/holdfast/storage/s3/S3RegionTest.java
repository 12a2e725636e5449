package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.GuardedProcess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the region of a bucket of AWS comes from if the location does not say it.
final class S3RegionTest {
    @TempDir private Path folder;

    private final SdkSettings settings = new SdkSettings();

    @BeforeEach
    void knowNothing() {
        settings.set("aws.sharedCredentialsFile", folder.resolve("no-credentials"));
        settings.set("aws.configFile", folder.resolve("no-config"));
    }

    @AfterEach
    void restore() {
        settings.close();
    }

    private static void open() {
        S3ObjectStore.open(S3Place.parse("s3://some-bucket/x"), TestBucket.NEVER).close();
    }

    @Test
    void aMachineThatDoesNotSayItNowIsUnavailable() throws IOException {
        settings.set("aws.disableEc2Metadata", false);
        settings.set(
                "aws.ec2MetadataServiceEndpoint", "http://127.0.0.1:" + GuardedProcess.freePort());
        assertThatThrownBy(S3RegionTest::open)
                .isInstanceOfSatisfying(
                        StorageUnavailable.class, e -> assertThat(e.remedy()).contains("region="))
                .hasMessageStartingWith("no region is known for the bucket: the machine's");
    }

    @Test
    void aProfileThatIsNotThereIsNamedBeforeTheRegionThatItWouldHave() {
        settings.set("aws.disableEc2Metadata", true);
        settings.set("aws.profile", "backup");
        assertThatThrownBy(S3RegionTest::open)
                .isInstanceOfSatisfying(
                        StorageDenied.class,
                        e -> assertThat(e.remedy()).contains("AWS_PROFILE", "[backup]"))
                .hasMessageStartingWith(
                        "no credentials in the profile backup, which AWS_PROFILE names: there is"
                                + " no such profile; looked for in ");
        settings.set("aws.accessKeyId", "key");
        assertThatThrownBy(S3RegionTest::open).isInstanceOf(BadConfig.class);
    }

    /// So does one that a place names.
    @Test
    void aProfileWithAnEmptyNameIsTheDefaultOne() throws IOException {
        settings.set("aws.disableEc2Metadata", true);
        settings.set("aws.accessKeyId", "key");
        settings.set("aws.profile", "");
        settings.set(
                "aws.configFile",
                Files.writeString(
                        folder.resolve("config"),
                        "[default]\nregion=eu-west-1\n[profile other]\nregion=eu-west-3\n"));
        open();
        S3ObjectStore.open(S3Place.parse("s3://some-bucket/x?profile=other"), TestBucket.NEVER)
                .close();
        Files.writeString(folder.resolve("config"), "[profile other]\nregion=eu-west-3\n");
        assertThatThrownBy(S3RegionTest::open).isInstanceOf(BadConfig.class);
    }

    @Test
    void aMachineThatMayNotBeAskedKnowsNone() {
        settings.set("aws.disableEc2Metadata", true);
        assertThatThrownBy(S3RegionTest::open).isInstanceOf(BadConfig.class);
    }
}
