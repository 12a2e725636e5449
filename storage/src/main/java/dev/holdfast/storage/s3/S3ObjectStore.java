package dev.holdfast.storage.s3;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.StoreNames;
import dev.holdfast.storage.bucket.Bodies;
import dev.holdfast.storage.bucket.RangedRead;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/// Objects in a bucket, under a prefix: `log/0000000000000001.seg` is the key
/// `prefix/log/0000000000000001.seg`.
///
/// Creates by `If-None-Match: *`, with digests that the server checks. A body of more than
/// [S3Upload#PART_BYTES] goes in parts. What does not follow [StoreNames] is not an object, whoever
/// put it there.
public final class S3ObjectStore implements ObjectStore {
    /// Longer than a store that works needs for an answer, and than a busy disk takes to sync.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final S3Place place;
    private final S3Client client;
    private final S3Bucket bucket;
    private final S3Leftovers leftovers;

    private S3ObjectStore(S3Place place, S3Client client, S3Requests requests) {
        this.place = place;
        this.client = client;
        this.bucket = new S3Bucket(client, place, requests);
        this.leftovers = new S3Leftovers(bucket, place.key(""), InstantSource.system());
    }

    /// With the credentials that the place names, or else those that the AWS tools would find:
    /// environment, profile, role of the pod or machine. They are renewed while this is open. Makes
    /// no request.
    ///
    /// @param stop gives up what is under way
    /// @throws BadConfig if no region is known, or a file of the location can't be read
    public static S3ObjectStore open(S3Place place, CountDownLatch stop) {
        return open(place, S3Credentials.of(place.options()), PATIENCE, stop);
    }

    /// As [#open(S3Place, CountDownLatch)].
    ///
    /// @param patience how long a request may stand still
    static S3ObjectStore open(
            S3Place place,
            AwsCredentialsProvider credentials,
            Duration patience,
            CountDownLatch stop) {
        return new S3ObjectStore(
                place,
                S3Connection.open(place, credentials),
                new S3Requests(new S3Failures(place), patience, stop));
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        StoreNames.check(name);
        if (body.bytes() > S3Upload.PART_BYTES) {
            try (S3Upload upload = new S3Upload(bucket, leftovers, name)) {
                Bodies.send(name, body, upload);
                return upload.commit();
            }
        }
        byte[] bytes = Bodies.read(name, body);
        return bucket.put(name, new StoredBytes(bytes, bytes.length));
    }

    @Override
    public ObjectUpload upload(String name) {
        return new S3Upload(bucket, leftovers, StoreNames.check(name));
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        StoreNames.check(name);
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset);
        }
        return into.hasRemaining() && offset < Long.MAX_VALUE - into.remaining()
                ? readSome(name, offset, into)
                : size(name);
    }

    private ReadOutcome readSome(String name, long offset, ByteBuffer into) throws IOException {
        RangedRead read = new RangedRead(name, offset, into);
        try {
            return bucket.requests()
                    .send(
                            S3RequestKind.GET,
                            progress ->
                                    client.getObject(
                                            it ->
                                                    it.bucket(place.bucket())
                                                            .key(place.key(name))
                                                            .range(read.range()),
                                            (answer, body) ->
                                                    read.take(
                                                            new RangedRead.Answer(
                                                                    answer.contentRange(),
                                                                    answer.contentLength(),
                                                                    answer.eTag()),
                                                            body,
                                                            progress)));
        } catch (S3Exception e) {
            return switch (S3Failures.code(e)) {
                case "NoSuchKey" -> new ReadOutcome.NotFound();
                // Nothing of the object is there, be it that it is empty
                case "InvalidRange", "416" -> size(name);
                default -> throw bucket.requests().explain(e);
            };
        } catch (SdkException e) {
            throw bucket.requests().explain(e);
        } finally {
            read.close();
        }
    }

    private ReadOutcome size(String name) throws IOException {
        Optional<S3Bucket.Stored> found = bucket.find(name);
        return found.isPresent()
                ? new ReadOutcome.Read(0, found.get().bytes())
                : new ReadOutcome.NotFound();
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        StoreNames.checkPrefix(prefix);
        StoreNames.checkLimit(limit);
        String from = startAfter == null ? "" : startAfter;
        if (from.compareTo(prefix) > 0 && !from.startsWith(prefix)) {
            return new ListPage(List.of(), false); // some servers can't start outside of a prefix
        }
        return new S3Listing(bucket, prefix, limit).after(from.compareTo(prefix) < 0 ? "" : from);
    }

    /// S3 says of a deletion that it is done whether there was something or not: so it is asked
    /// before.
    @Override
    public DeleteOutcome delete(String name) throws IOException {
        if (bucket.find(StoreNames.check(name)).isEmpty()) {
            return new DeleteOutcome.NotFound();
        }
        try {
            bucket.delete(name);
            return new DeleteOutcome.Deleted();
        } catch (S3Exception e) {
            StoreException meaning = bucket.requests().explain(e);
            if (e.statusCode() == 403) {
                return new DeleteOutcome.Retained(String.valueOf(meaning.getMessage()));
            }
            throw meaning;
        } catch (SdkException e) {
            throw bucket.requests().explain(e);
        }
    }

    @Override
    public String location() {
        return place.toString();
    }

    @Override
    public Map<String, Long> requests() {
        return new TreeMap<>(bucket.requests().counts());
    }

    @Override
    public void close() {
        client.close();
    }
}
