package dev.holdfast.storage.s3;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.LocationFiles;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

import java.time.Duration;
import java.util.Optional;

/// The credentials that the AWS tools would find, in their order: a key of the environment, web
/// identity, a profile, the container's, the machine's.
///
/// What the environment names is asked alone: that it fails is told, and nobody else's credentials
/// are taken in its place. Only a profile that is there may be without any: it may be named for its
/// region.
final class S3Surroundings implements AwsCredentialsProvider {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration READ = Duration.ofSeconds(8);

    private static final String NONE = ": none in the environment, in a profile, or of a role";

    private static final String SET_SOME =
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine"
                    + " or pod a role.";

    private final String bucketServer;
    private final Optional<AwsCredentialsProvider> named;
    private final AwsCredentialsProvider profile;
    private final Optional<AwsCredentialsProvider> container;
    private final AwsCredentialsProvider machine;

    /// Who gave some before is asked from then on.
    private volatile @Nullable AwsCredentialsProvider used;

    S3Surroundings(S3Options options) {
        this.bucketServer = options.endpoint().map(Object::toString).orElse("S3");
        this.named =
                isKeySet()
                        ? Optional.of(environment())
                        : isWebIdentitySet() ? Optional.of(webIdentity(options)) : Optional.empty();
        this.profile = S3Credentials.profile(S3Profile.ofTools());
        this.container =
                isSet(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
                                || isSet(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI)
                        ? Optional.of(container())
                        : Optional.empty();
        this.machine =
                new S3Access(
                        "the machine's metadata server",
                        SET_SOME,
                        InstanceProfileCredentialsProvider.create());
    }

    private static boolean isSet(SdkSystemSetting setting) {
        return setting.getNonDefaultStringValue().filter(text -> !text.isBlank()).isPresent();
    }

    private static boolean isKeySet() {
        return isSet(SdkSystemSetting.AWS_ACCESS_KEY_ID)
                || isSet(SdkSystemSetting.AWS_SECRET_ACCESS_KEY);
    }

    private static boolean isWebIdentitySet() {
        return isSet(SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE);
    }

    /// The profile that the environment names and nothing stands before, if it is not there.
    static Optional<S3Profile> missingProfile() {
        return isKeySet() || isWebIdentitySet()
                ? Optional.empty()
                : S3Profile.ofEnvironment().filter(profile -> !profile.isThere());
    }

    private static AwsCredentialsProvider environment() {
        return new S3Access(
                "the environment",
                "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or none of them.",
                System.getProperty(SdkSystemSetting.AWS_ACCESS_KEY_ID.property()) != null
                        ? SystemPropertyCredentialsProvider.create()
                        : EnvironmentVariableCredentialsProvider.create());
    }

    private static AwsCredentialsProvider webIdentity(S3Options options) {
        StsClient sts =
                StsClient.builder()
                        .region(region(options))
                        .credentialsProvider(AnonymousCredentialsProvider.create())
                        .overrideConfiguration(it ->
                                it.retryStrategy(DefaultRetryStrategy.doNotRetry())
                                        .addExecutionInterceptor(new BoundedAnswers()))
                        .httpClient(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(CONNECT)
                                        .socketTimeout(READ)
                                        .build())
                        .build();
        return new S3Access(
                "AWS STS (web identity, AWS_WEB_IDENTITY_TOKEN_FILE)",
                "Check that the role in AWS_ROLE_ARN trusts this pod's service account, and that"
                        + " the token is meant for STS.",
                StsWebIdentityTokenFileCredentialsProvider.builder().stsClient(sts).build());
    }

    /// Any region of the same kind of cloud knows every role.
    private static Region region(S3Options options) {
        return new AwsRegionProviderChain(
                        new SystemSettingsRegionProvider(),
                        S3Profile.regionOf(options),
                        () -> options.region().map(Region::of).orElse(Region.US_EAST_1))
                .getRegion();
    }

    private static AwsCredentialsProvider container() {
        SdkSystemSetting named =
                isSet(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
                        ? SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
                        : SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI;
        return new S3Access(
                "the container's server for credentials (" + named.environmentVariable() + ")",
                "Check the role of the task, or the pod identity of the service account.",
                ContainerCredentialsProvider.create());
    }

    @Override
    public AwsCredentials resolveCredentials() {
        AwsCredentialsProvider known = used;
        if (known != null) {
            return known.resolveCredentials();
        }
        if (named.isPresent()) {
            return use(named.get());
        }
        try {
            return use(profile);
        } catch (SdkClientException e) {
            if (!S3Credentials.isEmpty(e) || missingProfile().isPresent()) {
                throw e;
            }
        }
        return container.isPresent() ? use(container.get()) : ofMachine();
    }

    private AwsCredentials use(AwsCredentialsProvider provider) {
        AwsCredentials found = provider.resolveCredentials();
        used = provider;
        return found;
    }

    /// Most machines are not Amazon's, and nobody listens there.
    private AwsCredentials ofMachine() {
        if (isMachineLeftAlone()) {
            throw none(null);
        }
        try {
            return use(machine);
        } catch (SdkClientException e) {
            if (e.getCause() instanceof StoreException.Unavailable && !isOfAmazon()) {
                throw none(e);
            }
            throw e;
        }
    }

    private static boolean isMachineLeftAlone() {
        return SdkSystemSetting.AWS_EC2_METADATA_DISABLED.getBooleanValue().orElse(false);
    }

    /// Whether this machine has a metadata server that may be asked.
    static boolean isMachineOfAmazon() {
        return !isMachineLeftAlone() && isOfAmazon();
    }

    private static boolean isOfAmazon() {
        return isSet(SdkSystemSetting.AWS_EC2_METADATA_SERVICE_ENDPOINT)
                || LocationFiles.isMachineOf("Amazon EC2");
    }

    private SdkClientException none(@Nullable Throwable cause) {
        return S3Access.toSdkException(
                new StoreException.Denied(
                        "no credentials for " + bucketServer + NONE, SET_SOME, cause));
    }
}
