package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.format.failure.SidecarException.StorageDenied;
import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.InstanceProfileRegionProvider;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;

import java.time.Duration;

/// Makes the SDK's client, as an archive needs it: no tries of its own, no checksums of its own.
final class S3Connection {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /// Only for what [S3Requests] does not watch: that gives up sooner.
    private static final Duration READ = Duration.ofMinutes(5);

    /// Servers that are not AWS have one region, which most call so.
    private static final Region ANY = Region.US_EAST_1;

    private static final String WRITE_REGION =
            "Write it into the location (?region=eu-central-1), or set AWS_REGION.";

    private S3Connection() {}

    /// @throws BadConfig if no region is known, or the certificates can't be read
    /// @throws StorageDenied if the profile is not there that may know the region
    /// @throws StorageUnavailable if the machine may know the region, and does not say it now
    static S3Client open(S3Place place, AwsCredentialsProvider credentials) {
        S3Options options = place.options();
        return S3Client.builder()
                .credentialsProvider(credentials)
                .region(region(place))
                .applyMutation(builder -> options.endpoint().ifPresent(builder::endpointOverride))
                .forcePathStyle(options.isPathStyle())
                .serviceConfiguration(
                        // Whole bodies with their length: servers that are not AWS refuse chunks,
                        // and a wait for "continue" costs more than most bodies
                        it -> it.chunkedEncodingEnabled(false).expectContinueEnabled(false))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(it ->
                        it.retryStrategy(DefaultRetryStrategy.doNotRetry())
                                .addExecutionInterceptor(new BoundedAnswers()))
                .httpClient(http(options))
                .build();
    }

    private static Region region(S3Place place) {
        return place.options()
                .region()
                .map(Region::of)
                .orElseGet(() -> regionOfSurroundings(place));
    }

    private static Region regionOfSurroundings(S3Place place) {
        AwsRegionProvider near =
                new AwsRegionProviderChain(
                        new SystemSettingsRegionProvider(), S3Profile.regionOf(place.options()));
        try {
            return near.getRegion();
        } catch (SdkClientException _) {
            // A server of one's own has nothing to do with the machine's place
            return place.options().endpoint().isPresent() ? ANY : regionOfMachine(place);
        }
    }

    /// The SDK does not say why it has got none; a machine of Amazon's always has one.
    private static Region regionOfMachine(S3Place place) {
        try {
            @Nullable Region found = new InstanceProfileRegionProvider().getRegion();
            if (found != null) {
                return found;
            }
        } catch (SdkClientException _) {
            // as if it had given none
        }
        if (place.options().credentials().isEmpty() && place.options().profile().isEmpty()) {
            S3Surroundings.missingProfile().ifPresent(profile -> refuse(place, profile));
        }
        if (S3Surroundings.isMachineOfAmazon()) {
            throw new StorageUnavailable(
                    "no region is known for the bucket: the machine's metadata server does not say"
                            + " it",
                    WRITE_REGION);
        }
        throw new BadConfig("no region is known for the bucket", WRITE_REGION);
    }

    /// It would have said both, the region and the credentials.
    private static void refuse(S3Place place, S3Profile missing) {
        StoreException refusal = missing.noCredentials("", null);
        throw new StorageDenied(
                place.toString(), String.valueOf(refusal.getMessage()), refusal.remedy());
    }

    private static SdkHttpClient http(S3Options options) {
        UrlConnectionHttpClient.Builder http =
                UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(READ);
        options.ca()
                .map(LocationFiles::trusting)
                .ifPresent(trust -> http.tlsTrustManagersProvider(() -> trust));
        return http.build();
    }
}
