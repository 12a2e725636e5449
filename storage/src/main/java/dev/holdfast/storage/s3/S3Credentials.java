package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSupplier;

import java.io.UncheckedIOException;

/// Where the credentials for a place come from: a profile that it names, or the surroundings.
final class S3Credentials {
    /// Of a file that is named, whatever `AWS_PROFILE` says of the AWS tools' own.
    private static final String DEFAULT_PROFILE = "default";

    private S3Credentials() {}

    /// Renewed while they are used: a file is read again when it was changed.
    ///
    /// @throws BadConfig if a file is named that can't be read
    static AwsCredentialsProvider of(S3Options options) {
        if (options.credentials().isPresent()) {
            return profile(
                    options.profile().orElse(DEFAULT_PROFILE),
                    ProfileFileSupplier.reloadWhenModified(
                            LocationFiles.readable(
                                    "credentials",
                                    options.credentials().get(),
                                    "~/.aws/credentials"),
                            ProfileFile.Type.CREDENTIALS));
        }
        return options.profile()
                .map(name -> profile(name, ProfileFileSupplier.defaultSupplier()))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    private static AwsCredentialsProvider profile(String name, ProfileFileSupplier file) {
        AwsCredentialsProvider provider =
                ProfileCredentialsProvider.builder().profileName(name).profileFile(file).build();
        return () -> resolve(provider, name);
    }

    /// The SDK throws whatever comes for a file that is none, or that lacks something.
    private static AwsCredentials resolve(AwsCredentialsProvider provider, String name) {
        try {
            return provider.resolveCredentials();
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw noCredentials(name, e);
        } catch (SdkClientException e) {
            // Anything else is of a request for a role's
            throw String.valueOf(e.getMessage()).startsWith("Profile file contained no")
                    ? noCredentials(name, e)
                    : e;
        }
    }

    /// [S3Failures] finds the cause.
    private static SdkClientException noCredentials(String profile, RuntimeException failure) {
        String words = String.valueOf(failure.getMessage()).replaceFirst(": ProfileFile.*", "");
        return SdkClientException.create(
                words,
                new StoreException.Denied(
                        "no credentials in the profile " + profile + ": " + words,
                        "Write aws_access_key_id and aws_secret_access_key below ["
                                + profile
                                + "] in the file that credentials= names, or in"
                                + " ~/.aws/credentials.",
                        failure));
    }
}
