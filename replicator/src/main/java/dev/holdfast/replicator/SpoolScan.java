package dev.holdfast.replicator;

import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Reads a spool file at the start of a run, believing nothing that its checksums don't prove.
final class SpoolScan {
    private static final int CHUNK_BYTES = SpoolNote.DELTA_BYTES * 5_000;

    private final SpoolFile file;
    private final FileChannel channel;

    SpoolScan(SpoolFile file) {
        this.file = file;
        this.channel = file.channel();
    }

    /// The whole entry at `offset`, if there is one, and it is `seq` and follows `before`.
    Optional<SpoolEntry> at(long offset, long seq, Optional<SpoolEntry> before) throws IOException {
        long room = channel.size() - offset;
        Optional<SegmentHeader> found = header(offset);
        if (found.isEmpty() || found.get().seq() != seq || found.get().storedLength() > room) {
            return Optional.empty();
        }
        SegmentHeader header = found.get();
        if (before.isPresent() && !Spool.isFollowed(before.get(), header)) {
            return Optional.empty();
        }
        long digestAt = offset + header.storedLength() - Digest.BYTES;
        Digest digest = Spool.digestOf(channel, offset, digestAt - offset);
        ByteBuffer stored = ByteBuffer.allocate(Digest.BYTES);
        if (!fill(stored, digestAt) || !digest.equals(Digest.readFrom(stored, 0))) {
            return Optional.empty();
        }
        long noteAt = offset + header.storedLength();
        long total = before.map(SpoolEntry::total).orElse(0L) + header.storedLength();
        return noteEnd(noteAt, seq)
                .map(end -> new SpoolEntry(header, digest, file, offset, end, total));
    }

    private Optional<SegmentHeader> header(long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
        if (!fill(bytes, offset)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    SegmentHeader.readFrom(bytes.flip(), file.path().toString(), offset));
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    private Optional<Long> noteEnd(long noteAt, long seq) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SpoolNote.HEADER_BYTES);
        if (!fill(header, noteAt)) {
            return Optional.empty();
        }
        Optional<Integer> count = SpoolNote.deltaCount(header, seq, channel.size() - noteAt);
        if (count.isEmpty()) {
            return Optional.empty();
        }
        long end = noteAt + SpoolNote.bytes(count.get());
        CRC32C crc = new CRC32C();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        long crcAt = end - SpoolNote.CRC_BYTES;
        for (long at = noteAt; at < crcAt; at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(CHUNK_BYTES, crcAt - at));
            if (!fill(chunk, at)) {
                return Optional.empty();
            }
            crc.update(chunk.flip());
        }
        ByteBuffer stored = ByteBuffer.allocate(SpoolNote.CRC_BYTES);
        return fill(stored, crcAt) && stored.getInt(0) == (int) crc.getValue()
                ? Optional.of(end)
                : Optional.empty();
    }

    /// Where the database's own files were at the end of a whole entry.
    SourcePosition source(SpoolEntry entry) throws IOException {
        return SpoolNote.source(noteHeader(entry));
    }

    /// Whether the pages were known when it was written: else its commits have no state checksum.
    boolean isMapKnown(SpoolEntry entry) throws IOException {
        return SpoolNote.isMapKnown(noteHeader(entry));
    }

    /// Brings the page map forward over a whole entry. False if the entry does not know the pages,
    /// or says of more than can be known.
    boolean apply(SpoolEntry entry, PageMap pages) throws IOException {
        ByteBuffer header = noteHeader(entry);
        long databasePages = entry.header().databasePages();
        if (!SpoolNote.isMapKnown(header) || databasePages > PageMap.mostPages()) {
            return false;
        }
        int left = SpoolNote.deltaCount(header, entry.seq(), Long.MAX_VALUE).orElseThrow();
        long at = noteAt(entry) + SpoolNote.HEADER_BYTES;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (left > 0) {
            int count = Math.min(left, CHUNK_BYTES / SpoolNote.DELTA_BYTES);
            chunk.clear().limit(count * SpoolNote.DELTA_BYTES);
            if (!fill(chunk, at)) {
                throw new IOException(file.path() + " was cut off while it was read");
            }
            if (!SpoolNote.apply(chunk.flip(), count, databasePages, pages)) {
                return false;
            }
            at += (long) count * SpoolNote.DELTA_BYTES;
            left -= count;
        }
        if (entry.header().recordCount() > 0) {
            pages.resize(databasePages);
        }
        return true;
    }

    private static long noteAt(SpoolEntry entry) {
        return entry.offset() + entry.header().storedLength();
    }

    private ByteBuffer noteHeader(SpoolEntry entry) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SpoolNote.HEADER_BYTES);
        if (!fill(header, noteAt(entry))) {
            throw new IOException(file.path() + " was cut off while it was read");
        }
        return header;
    }

    private boolean fill(ByteBuffer into, long offset) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, offset + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }
}
