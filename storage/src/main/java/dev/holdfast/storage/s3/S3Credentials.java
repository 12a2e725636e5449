package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

import java.io.UncheckedIOException;
import java.nio.file.Path;

/// Where the credentials for a place come from: a profile that it names, or the surroundings.
final class S3Credentials {
    /// How the SDK begins to say it: it has no type for this.
    private static final String EMPTY = "Profile file contained no";

    private S3Credentials() {}

    /// Renewed while they are used: a file is read again when it was changed.
    ///
    /// @throws BadConfig if a file is named that can't be read
    static AwsCredentialsProvider of(S3Options options) {
        if (options.credentials().isPresent()) {
            checkFile(options);
            return profile(S3Profile.ofFile(options.profile(), options.credentials().get()));
        }
        return options.profile()
                .map(name -> profile(S3Profile.ofPlace(name)))
                .orElseGet(() -> new S3Surroundings(options));
    }

    /// Throws [BadConfig] if a file is named that can't be read.
    static void checkFile(S3Options options) {
        if (options.credentials().isPresent()) {
            Path _ =
                    LocationFiles.readable(
                            S3Options.CREDENTIALS,
                            options.credentials().get(),
                            "~/.aws/credentials");
        }
    }

    static AwsCredentialsProvider profile(S3Profile profile) {
        AwsCredentialsProvider provider =
                ProfileCredentialsProvider.builder()
                        .profileName(profile.name())
                        .profileFile(profile.files())
                        .build();
        return new S3Access(
                "what the profile " + profile.name() + " names",
                "Correct the profile, or let its role be taken.",
                () -> resolve(provider, profile));
    }

    /// The SDK throws whatever comes for a file that is none, or that lacks something.
    private static AwsCredentials resolve(AwsCredentialsProvider provider, S3Profile profile) {
        try {
            return provider.resolveCredentials();
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw noCredentials(profile, e);
        } catch (SdkClientException e) {
            // Anything else is of a request for a role's
            throw String.valueOf(e.getMessage()).startsWith(EMPTY) ? noCredentials(profile, e) : e;
        }
    }

    /// Whether a profile's failure is that there are none in it, or that it is not there.
    static boolean isEmpty(SdkClientException failure) {
        return failure.getCause() instanceof StoreException.Denied denied
                && denied.getCause() instanceof SdkClientException found
                && String.valueOf(found.getMessage()).startsWith(EMPTY);
    }

    private static SdkClientException noCredentials(S3Profile profile, RuntimeException failure) {
        String words = String.valueOf(failure.getMessage()).replaceFirst(": ProfileFile.*", "");
        return S3Access.toSdkException(profile.noCredentials(words, failure));
    }
}
