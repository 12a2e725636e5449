package dev.holdfast.replicator;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.Micros;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.SealedSegment;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A segment that says: from here on I write. A log object of its own, which takes the name that
/// the writer before would give its next one.
///
/// Alone among segments it is stored before it is spooled: in the time of a force of the disk a
/// busy writer takes the name. Whoever dies in between knows its claim again by the writer id,
/// which is drawn for one claim and kept in the state folder before that is stored.
record Claim(SegmentHeader header, Digest digest) {

    /// The claim that stands right after `end`.
    ///
    /// @param isSealed whether what follows it is encrypted
    static Claim after(
            LogEnd end, WriterId writer, Codec codec, boolean isSealed, Timekeeper time) {
        SegmentHeader last = end.last();
        long micros = Micros.after(last.lastMicros(), time.micros());
        SegmentHeader header =
                new SegmentHeader(
                        SegmentHeader.Kind.CLAIM,
                        false,
                        isSealed,
                        codec,
                        last.pageSize(),
                        last.archive(),
                        last.seq() + 1,
                        end.digest(),
                        writer,
                        last.lastTx() + 1,
                        0,
                        codec == Codec.ZSTD ? SegmentHeader.MIN_WINDOW_LOG2 : 0,
                        micros,
                        micros,
                        0,
                        0,
                        0);
        return new Claim(header, digestOf(header));
    }

    /// The one at the end of a log.
    static Claim storedAt(LogEnd end) throws FormatException {
        Claim claim = new Claim(end.last(), digestOf(end.last()));
        if (!claim.digest.equals(end.digest())) {
            throw new FormatException.DigestMismatch(
                    end.object().name(),
                    0,
                    "the segment",
                    claim.digest.toString(),
                    end.digest().toString());
        }
        return claim;
    }

    private static Digest digestOf(SegmentHeader header) {
        return Digest.of(headerBytes(header));
    }

    private static ByteBuffer headerBytes(SegmentHeader header) {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        header.writeTo(bytes);
        return bytes;
    }

    private ByteBuffer bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES + Digest.BYTES);
        bytes.put(headerBytes(header));
        digest.writeTo(bytes, SegmentHeader.BYTES);
        return bytes.clear();
    }

    /// Takes the name. If it is taken, then by another writer or by an earlier try of this, whose
    /// answer was lost.
    CreateOutcome storeIn(ObjectStore store) throws IOException {
        return store.create(ObjectNames.log(header.seq()), ObjectBody.of(bytes()));
    }

    /// Forced when this returns.
    ///
    /// @param source where in its own files the database is, if that is known
    SpoolEntry addTo(Spool spool, SourcePosition source) throws IOException {
        SpoolFile file = spool.fileFor(header.seq());
        long offset = spool.nextOffset(file);
        ByteBuffer bytes = bytes();
        while (bytes.hasRemaining()) {
            file.channel().write(bytes, offset + bytes.position());
        }
        SealedSegment segment = new SealedSegment(header, digest, offset);
        return spool.add(segment, file, source, false, new PageDeltas());
    }
}
