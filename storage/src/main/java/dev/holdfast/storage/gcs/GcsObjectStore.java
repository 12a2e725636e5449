package dev.holdfast.storage.gcs;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;

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

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/// Objects in a bucket of Google Cloud Storage, under a prefix: `log/0000000000000001.seg` is the
/// name `prefix/log/0000000000000001.seg`.
///
/// Creates by `ifGenerationMatch=0`, with digests that the server checks. A body of more than
/// [GcsUpload#PART_BYTES] goes in parts. What does not follow [StoreNames] is not an object,
/// whoever put it there.
public final class GcsObjectStore implements ObjectStore {
    /// Longer than a store that works needs for an answer.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Pattern CRC32C_HASH = Pattern.compile("crc32c=([A-Za-z0-9+/=]+)");

    private final GcsPlace place;
    private final GcsConnection connection;
    private final GcsBucket bucket;

    private GcsObjectStore(
            GcsPlace place, GcsConnection connection, Duration patience, CountDownLatch stop) {
        this.place = place;
        this.connection = connection;
        this.bucket =
                new GcsBucket(
                        connection.client(),
                        place,
                        new GcsRequests(connection, new GcsFailures(place), patience, stop));
    }

    /// With the credentials that the place names, or else those that Google's tools would find.
    /// They are renewed while this is open. Makes no request.
    ///
    /// @param stop gives up what is under way
    /// @throws BadConfig if a file of the location can't be read
    public static GcsObjectStore open(GcsPlace place, CountDownLatch stop) {
        return new GcsObjectStore(place, GcsConnection.open(place.options()), PATIENCE, stop);
    }

    /// As [#open(GcsPlace, CountDownLatch)].
    ///
    /// @param patience how long a request may stand still
    static GcsObjectStore open(
            GcsPlace place, GcsAccess access, Duration patience, CountDownLatch stop) {
        return new GcsObjectStore(
                place, GcsConnection.open(place.options(), access), patience, stop);
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        StoreNames.check(name);
        if (body.bytes() > GcsUpload.PART_BYTES) {
            try (GcsUpload upload = new GcsUpload(bucket, name)) {
                Bodies.send(name, body, upload);
                return upload.commit();
            }
        }
        return bucket.put(name, Bodies.read(name, body));
    }

    @Override
    public ObjectUpload upload(String name) {
        return new GcsUpload(bucket, StoreNames.check(name));
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
            return bucket.get(
                    name,
                    read.range(),
                    progress -> (answer, body) -> take(name, read, answer, body, progress));
        } catch (GcsRefusal e) {
            if (e.status() == 416) {
                return size(name); // nothing of the object is there, be it that it is empty
            }
            if (bucket.isOfObject(e)) {
                return new ReadOutcome.NotFound();
            }
            throw bucket.requests().explain(e);
        } finally {
            read.close();
        }
    }

    private static ReadOutcome take(
            String name,
            RangedRead read,
            HttpResponse answer,
            InputStream body,
            AtomicLong progress)
            throws IOException {
        HttpHeaders headers = answer.getHeaders();
        CRC32C crc = new CRC32C();
        ReadOutcome.Read taken =
                read.take(
                        new RangedRead.Answer(
                                headers.getContentRange(),
                                headers.getContentLength(),
                                headers.getFirstHeaderStringValue("x-goog-generation")),
                        new CheckedInputStream(body, crc),
                        progress);
        // Of the whole object, whatever part of it was asked for
        Matcher hash = CRC32C_HASH.matcher(String.valueOf(headers.get("x-goog-hash")));
        if (taken.count() == taken.objectBytes()
                && hash.find()
                && !hash.group(1).equals(GcsBytes.text(crc))) {
            throw new StoreException.Unavailable(
                    "%s came as other bytes than the store keeps: found crc32c=%s, wanted %s"
                            .formatted(name, GcsBytes.text(crc), hash.group(1)),
                    "Check the network between here and the store.",
                    null);
        }
        return taken;
    }

    private ReadOutcome size(String name) throws IOException {
        Optional<GcsAcknowledgement> found = bucket.find(name);
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
            return new ListPage(List.of(), false);
        }
        return new GcsListing(bucket, prefix, limit).after(from.compareTo(prefix) < 0 ? "" : from);
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        StoreNames.check(name);
        try {
            bucket.delete(name);
            return new DeleteOutcome.Deleted();
        } catch (GcsRefusal e) {
            if (bucket.isOfObject(e)) {
                return new DeleteOutcome.NotFound();
            }
            StoreException meaning = bucket.requests().explain(e);
            if (e.status() == 403
                    && meaning instanceof StoreException.Denied
                    && !(meaning instanceof StoreException.Unintelligible)) {
                return new DeleteOutcome.Retained(String.valueOf(meaning.getMessage()));
            }
            throw meaning;
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
        connection.close();
    }
}
