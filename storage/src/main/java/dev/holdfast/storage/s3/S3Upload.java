package dev.holdfast.storage.s3;

import static java.lang.System.Logger.Level.WARNING;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// An object on its way into a bucket, in parts, some of them at once. One that fits into one part
/// is stored by a single request.
///
/// Each part is kept until it is acknowledged, so a call that failed may be made again: it takes up
/// what is left to do.
final class S3Upload implements ObjectUpload {
    private static final System.Logger LOG = System.getLogger(S3Upload.class.getName());

    /// Not below S3's 5 MiB; all of one size, as some servers want it. With those under way and the
    /// one that is filled it makes 40 MiB of memory, or 8 MiB where too many are on their way: who
    /// has no part to fill then waits for one of its own, and for no other upload's.
    static final int PART_BYTES = 8 << 20;

    private static final int PARTS_AT_ONCE = 4;

    /// Of all uploads of this process, beyond the first part of each: as much as two take.
    static final int MOST_MORE = 2 * PARTS_AT_ONCE;

    private static final Semaphore MORE = new Semaphore(MOST_MORE);

    /// S3's own limit: with it an object may have 78 GiB.
    private static final int MAX_PARTS = 10_000;

    private static final byte[] NONE = new byte[0];

    private final S3Bucket bucket;
    private final S3Leftovers leftovers;
    private final String name;

    private byte[] filling = NONE;
    private int filled;
    private int held;
    private S3Bucket.@Nullable Upload upload;

    /// The upload was completed, or ended from outside.
    private boolean isGone;

    private final Deque<Part> underWay = new ArrayDeque<>();
    private final Deque<byte[]> free = new ArrayDeque<>();
    private final List<CompletedPart> parts = new ArrayList<>();
    private final ByteArrayOutputStream md5s = new ByteArrayOutputStream();
    private int begun;

    /// Whether the server calls each part by its MD5, and so all of them by these.
    private boolean arePartsCalledByMd5 = true;

    private @Nullable CreateOutcome outcome;

    /// One part, sent or to be sent again.
    private static final class Part {
        final int number;
        final StoredBytes bytes;
        WatchedRequests.@Nullable Pending<CompletedPart> request;

        Part(int number, StoredBytes bytes) {
            this.number = number;
            this.bytes = bytes;
        }
    }

    S3Upload(S3Bucket bucket, S3Leftovers leftovers, String name) {
        this.bucket = bucket;
        this.leftovers = leftovers;
        this.name = name;
    }

    @Override
    public boolean isRepeatable() {
        return !isGone;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (filled == PART_BYTES) {
                sendFilled();
            }
            if (filling.length == 0) {
                filling = empty();
            }
            int count = Math.min(bytes.remaining(), PART_BYTES - filled);
            bytes.get(filling, filled, count);
            filled += count;
        }
    }

    /// A part to fill. What is under way stays so if this fails.
    private byte[] empty() throws IOException {
        if (free.isEmpty() && (held == 0 || MORE.tryAcquire())) {
            held++;
            return new byte[PART_BYTES];
        }
        while (free.isEmpty()) {
            awaitOldest();
        }
        return free.removeFirst();
    }

    /// How many parts it holds in memory.
    int held() {
        return held;
    }

    private void sendFilled() throws IOException {
        if (begun == MAX_PARTS) {
            throw new StoreException.Denied(
                    name + " is larger than " + MAX_PARTS + " parts of " + PART_BYTES + " bytes",
                    "Keep the archive of so large a database in a folder.",
                    null);
        }
        begin();
        while (underWay.size() >= PARTS_AT_ONCE) {
            awaitOldest();
        }
        Part part = new Part(++begun, new StoredBytes(filling, filled));
        underWay.addLast(part);
        md5s.writeBytes(part.bytes.md5());
        filling = NONE;
        filled = 0;
        part.request = send(part);
    }

    private void begin() throws IOException {
        if (upload == null) {
            bucket.partsProof().proveOnce();
            leftovers.removeDaily();
            upload = bucket.beginUpload(name);
            leftovers.began(upload);
        }
    }

    private WatchedRequests.Pending<CompletedPart> send(Part part) throws IOException {
        return bucket.beginPart(name, Objects.requireNonNull(upload), part.number, part.bytes);
    }

    private void awaitOldest() throws IOException {
        Part part = underWay.getFirst();
        WatchedRequests.Pending<CompletedPart> request = part.request;
        // One that failed while another was waited for says nothing of now
        if (request == null || request.hasFailed()) {
            request = send(part);
            part.request = request;
        }
        try {
            CompletedPart stored = request.await();
            parts.add(stored);
            arePartsCalledByMd5 &= S3Bucket.bare(stored.eTag()).equals(part.bytes.etag());
        } catch (SdkException e) {
            part.request = null;
            throw explain(e);
        } catch (IOException e) {
            part.request = null;
            throw e;
        }
        underWay.removeFirst();
        free.addLast(part.bytes.array());
    }

    @Override
    public CreateOutcome commit() throws IOException {
        if (outcome == null) {
            outcome =
                    upload == null ? bucket.put(name, new StoredBytes(filling, filled)) : finish();
        }
        return outcome;
    }

    private CreateOutcome finish() throws IOException {
        if (filled > 0) {
            sendFilled();
        }
        while (!underWay.isEmpty()) {
            awaitOldest();
        }
        return complete(Objects.requireNonNull(upload).id());
    }

    /// The parts of an upload that is no more can't be sent again: they were not kept.
    private StoreException explain(SdkException failure) {
        noteIfGone(failure);
        return bucket.requests().explain(failure);
    }

    private void noteIfGone(SdkException failure) {
        isGone |= failure instanceof S3Exception e && S3Failures.code(e).equals("NoSuchUpload");
    }

    private CreateOutcome complete(String id) throws IOException {
        try {
            S3Acknowledgement stored = bucket.completeUpload(name, id, parts);
            CreateOutcome created =
                    arePartsCalledByMd5 && stored.isOfOther(etag())
                            ? doubted(stored)
                            : new CreateOutcome.Created();
            // Not before it is known what is there: till then that may be asked again
            isGone = true;
            return created;
        } catch (S3Exception e) {
            return switch (S3Failures.code(e)) {
                case "PreconditionFailed", "NoSuchUpload", "412" -> takenOrGone(e);
                default -> throw bucket.requests().explain(e);
            };
        } catch (SdkException e) {
            throw bucket.requests().explain(e);
        }
    }

    private CreateOutcome takenOrGone(S3Exception refusal) throws IOException {
        Optional<CreateOutcome> there = whoseIsIt();
        noteIfGone(refusal); // nor here
        return there.orElseThrow(() -> bucket.requests().explain(refusal));
    }

    /// The server has put something else together than it was sent, its answer was damaged on the
    /// way, or it counts in a way of its own. Nothing is called stored for that: whoever finds the
    /// name taken reads what is there, by digests that no server makes.
    private CreateOutcome doubted(S3Acknowledgement stored) throws IOException {
        LOG.log(
                WARNING,
                () ->
                        "event=other_etag location=%s name=%s found=%s wanted=%s"
                                .formatted(bucket.place(), name, stored.etag(), etag()));
        return whoseIsIt().orElseGet(CreateOutcome.AlreadyExists::new);
    }

    /// The name is taken, or the upload is no more: an earlier try may have had its effect, and its
    /// answer was lost. Then the ETag is the one that our parts make. Empty if there is nothing.
    private Optional<CreateOutcome> whoseIsIt() throws IOException {
        return bucket.find(name)
                .map(stored ->
                        stored.etag().equals(etag())
                                ? new CreateOutcome.Created()
                                : new CreateOutcome.AlreadyExists());
    }

    /// The MD5 of the parts' MD5s, and how many there are.
    private String etag() {
        byte[] all = md5s.toByteArray();
        return HexFormat.of().formatHex(StoredBytes.digest("MD5", all, all.length)) + "-" + begun;
    }

    @Override
    public void close() {
        for (Part part : underWay) {
            if (part.request != null) {
                part.request.drop();
            }
        }
        underWay.clear();
        free.clear();
        filling = NONE;
        MORE.release(Math.max(0, held - 1));
        held = 0;
        S3Bucket.Upload begunUpload = upload;
        upload = null;
        if (begunUpload == null) {
            return;
        }
        leftovers.ended(begunUpload);
        if (isGone) { // that the bytes are there says nothing: another upload may have put them
            return;
        }
        try {
            bucket.abortUpload(bucket.place().key(name), begunUpload.id());
        } catch (IOException e) {
            // What is left costs room until it is found a leftover: no reason to fail
            LOG.log(
                    WARNING,
                    () ->
                            "event=upload_left location="
                                    + bucket.place()
                                    + " name="
                                    + name
                                    + " upload="
                                    + begunUpload.id()
                                    + " error=\""
                                    + IoReason.of(e)
                                    + "\"");
        }
    }
}
