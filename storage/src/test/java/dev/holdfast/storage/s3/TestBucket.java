package dev.holdfast.storage.s3;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/// A bucket of a test's own.
///
/// @param place the whole bucket
public record TestBucket(S3Server server, S3Place place) {
    /// For a machine whose disk is busy with all that is tested at once.
    static final Duration PATIENCE = Duration.ofMinutes(1);

    /// For what is not stopped.
    static final CountDownLatch NEVER = new CountDownLatch(1);

    /// Makes one, on the server that all tests share.
    public static TestBucket make() {
        return makeOn(S3Server.shared());
    }

    /// Makes one on a server of the test's own.
    public static TestBucket makeOn(S3Server server) {
        String name = "test-" + HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
        S3Place place = S3Place.parse("s3://" + name + "?endpoint=" + server.endpoint());
        TestBucket bucket = new TestBucket(server, place);
        try (S3Client client = bucket.client()) {
            client.createBucket(it -> it.bucket(name));
        }
        return bucket;
    }

    /// The same bucket by another way to its server.
    public TestBucket through(URI endpoint) {
        return new TestBucket(
                new S3Server(endpoint, server.accessKey(), server.secretKey()),
                S3Place.parse("s3://" + place.bucket() + "?endpoint=" + endpoint));
    }

    /// A place in it, as an operator writes it.
    ///
    /// @param options more of them, such as `&sse=AES256`, or nothing
    public String location(String prefix, String options) {
        return "s3://" + place.bucket() + "/" + prefix + "?endpoint=" + server.endpoint() + options;
    }

    /// A store under a prefix of the bucket.
    public S3ObjectStore open(String prefix) {
        return open(prefix, "");
    }

    S3ObjectStore open(String prefix, String options) {
        return S3ObjectStore.open(
                S3Place.parse(location(prefix, options)), credentials(), PATIENCE, NEVER);
    }

    AwsCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(server.accessKey(), server.secretKey()));
    }

    /// For what a store does not do.
    S3Client client() {
        return S3Connection.open(place, credentials());
    }
}
