package dev.holdfast.storage.gcs;

import static java.lang.System.Logger.Level.WARNING;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.zip.CRC32C;

/// An object on its way into a bucket, in parts, one of them under way while the next is filled.
/// One that fits into one part is stored by a single request.
///
/// Each part is kept until the store keeps it, so a call that failed may be made again: it asks how
/// far the upload has come, and goes on from there.
final class GcsUpload implements ObjectUpload {
    private static final System.Logger LOG = System.getLogger(GcsUpload.class.getName());

    /// A multiple of Cloud Storage's 256 KiB. With the one that is filled it makes 16 MiB of
    /// memory, or 8 MiB where too many are on their way: who has no part to fill then waits for its
    /// own.
    static final int PART_BYTES = 8 << 20;

    /// Of all uploads of this process, beyond the first part of each.
    static final int MOST_MORE = 8;

    private static final Semaphore MORE = new Semaphore(MOST_MORE);

    /// A store that keeps nothing of what it is sent is not asked for ever.
    private static final int MAX_STEPS_WITHOUT_PROGRESS = 3;

    private static final byte[] NONE = new byte[0];

    private final GcsBucket bucket;
    private final String name;
    private final CRC32C crc = new CRC32C();
    private final Deque<byte[]> free = new ArrayDeque<>();

    private byte[] filling = NONE;
    private int filled;
    private int held;
    private long sent;
    private @Nullable String session;
    private @Nullable Part underWay;
    private boolean isGone;
    private @Nullable CreateOutcome outcome;

    /// One part, sent or to be sent again.
    private static final class Part {
        final byte[] array;
        final int length;
        final long offset;
        final boolean isLast;
        WatchedRequests.@Nullable Pending<GcsStep> request;

        /// How many of its bytes the store keeps.
        int kept;

        Part(byte[] array, int length, long offset, boolean isLast) {
            this.array = array;
            this.length = length;
            this.offset = offset;
            this.isLast = isLast;
        }

        long end() {
            return offset + length;
        }

        ByteBuffer rest() {
            return ByteBuffer.wrap(array, kept, length - kept);
        }

        /// As the header Content-Range wants it. The last part says how long all is.
        String range() {
            String total = isLast ? String.valueOf(end()) : "*";
            return kept == length
                    ? "bytes */" + total
                    : "bytes %d-%d/%s".formatted(offset + kept, end() - 1, total);
        }
    }

    GcsUpload(GcsBucket bucket, String name) {
        this.bucket = bucket;
        this.name = name;
    }

    @Override
    public boolean isRepeatable() {
        return !isGone;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (outcome != null) {
                bytes.position(bytes.limit()); // the name is taken: nobody will read it
                return;
            }
            if (filled == PART_BYTES) {
                sendFilled(false);
                continue;
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
        if (free.isEmpty()) {
            awaitPart();
        }
        return free.removeFirst();
    }

    /// How many parts it holds in memory.
    int held() {
        return held;
    }

    private void sendFilled(boolean isLast) throws IOException {
        begin();
        awaitPart();
        if (outcome != null) {
            return;
        }
        bucket.partsProof().proveOnce(); // a name that is taken needs none
        Part part = new Part(filling, filled, sent, isLast);
        crc.update(filling, 0, filled);
        sent += filled;
        filling = NONE;
        filled = 0;
        underWay = part;
        part.request = send(part);
    }

    private void begin() throws IOException {
        if (session != null) {
            return;
        }
        try {
            session = bucket.beginUpload(name);
        } catch (GcsRefusal e) {
            if (e.status() != 412) {
                throw bucket.requests().explain(e);
            }
            outcome = new CreateOutcome.AlreadyExists();
        }
    }

    private WatchedRequests.Pending<GcsStep> send(Part part) throws IOException {
        Optional<String> all = part.isLast ? Optional.of(GcsBytes.text(crc)) : Optional.empty();
        return bucket.beginPart(
                name, Objects.requireNonNull(session), part.range(), all, part.rest());
    }

    /// Until the store keeps all of the part that is under way, if one is.
    private void awaitPart() throws IOException {
        for (int tries = 0; underWay != null; tries++) {
            Part part = underWay;
            int before = part.kept;
            try {
                take(part, next(part));
            } catch (GcsRefusal e) {
                part.request = null;
                refused(e);
            } catch (IOException e) {
                part.request = null;
                throw e;
            }
            if (part.kept > before) {
                tries = 0;
            }
            if (underWay != null && tries >= MAX_STEPS_WITHOUT_PROGRESS) {
                throw new StoreException.Unavailable(
                        "the store does not keep what is uploaded of " + name,
                        "Try again; if it stays so, check the server.",
                        null);
            }
        }
    }

    /// What becomes of a part after a failure nobody knows here: so the store is asked.
    private GcsStep next(Part part) throws IOException {
        WatchedRequests.Pending<GcsStep> request = part.request;
        part.request = null;
        return request == null || request.hasFailed()
                ? bucket.askUpload(name, Objects.requireNonNull(session))
                : request.await();
    }

    private void take(Part part, GcsStep step) throws IOException {
        switch (step) {
            case GcsStep.Stored(GcsAcknowledgement object) -> {
                isGone = true; // there is no upload any more, be it as it should or not
                object.check(name, new GcsAcknowledgement(sent, GcsBytes.text(crc)));
                if (!part.isLast) {
                    throw new StoreException.Unavailable(
                            "the store has ended the upload of " + name + " before its last part",
                            "Check the server, then try again.",
                            null);
                }
                end(part, new CreateOutcome.Created());
            }
            case GcsStep.Kept(long bytes) -> {
                if (bytes < part.offset + part.kept || bytes > part.end()) {
                    isGone = true; // what came before is not here any more
                    throw new StoreException.Unavailable(
                            "the store keeps %d bytes of %s, wanted %d to %d"
                                    .formatted(bytes, name, part.offset + part.kept, part.end()),
                            "Check the server; the upload begins anew.",
                            null);
                }
                part.kept = (int) (bytes - part.offset);
                if (part.kept == part.length && !part.isLast) {
                    end(part, null);
                } else {
                    part.request = send(part);
                }
            }
        }
    }

    private void end(Part part, @Nullable CreateOutcome result) {
        underWay = null;
        free.addLast(part.array);
        outcome = result;
    }

    /// The name is taken, or the upload is no more: an earlier try may have had its effect, and its
    /// answer was lost. Then what is there has our bytes.
    private void refused(GcsRefusal refusal) throws IOException {
        boolean isOver = refusal.status() == 404 || refusal.status() == 410;
        if (refusal.status() != 412 && !isOver) {
            throw bucket.requests().explain(refusal);
        }
        Optional<GcsAcknowledgement> stored = bucket.find(name);
        if (stored.isEmpty()) {
            isGone = true;
            throw bucket.requests().uploadEnded(refusal);
        }
        isGone = isOver;
        Part part = Objects.requireNonNull(underWay);
        boolean isOurs =
                part.isLast
                        && stored.get().equals(new GcsAcknowledgement(sent, GcsBytes.text(crc)));
        end(part, isOurs ? new CreateOutcome.Created() : new CreateOutcome.AlreadyExists());
    }

    @Override
    public CreateOutcome commit() throws IOException {
        if (outcome == null && session == null) {
            outcome = bucket.put(name, Arrays.copyOf(filling, filled));
        }
        if (outcome == null && (underWay == null || !underWay.isLast)) {
            sendFilled(true);
        }
        awaitPart();
        return Objects.requireNonNull(outcome);
    }

    @Override
    public void close() {
        if (underWay != null && underWay.request != null) {
            underWay.request.drop();
        }
        underWay = null;
        free.clear();
        filling = NONE;
        MORE.release(Math.max(0, held - 1));
        held = 0;
        String address = session;
        session = null;
        if (address == null || isGone) {
            return;
        }
        try {
            bucket.abortUpload(address);
        } catch (IOException e) {
            // What is left ends by itself within a week: no reason to fail
            LOG.log(
                    WARNING,
                    () ->
                            "event=upload_left location="
                                    + bucket.place()
                                    + " name="
                                    + name
                                    + " error=\""
                                    + IoReason.of(e)
                                    + "\"");
        }
    }
}
