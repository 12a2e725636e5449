package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.LogObject;
import dev.holdfast.storage.archive.SegmentStart;
import dev.holdfast.storage.archive.SegmentWriter;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// What spools of tests are filled with: a base, then commits of one page.
final class TestSpool {
    static final PageSize PAGE_SIZE = new PageSize(512);
    static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 1_760_000_000_000_000L);

    /// Two or three entries.
    static final long FILE_BYTES = 600;

    private TestSpool() {}

    static SegmentWriter segmentWriter() {
        return segmentWriter(7);
    }

    static SegmentWriter segmentWriter(long id) {
        return new SegmentWriter(ARCHIVE.id(), new WriterId(id), Codec.ZSTD, 10);
    }

    /// A writer at the end of the log.
    static LogWriter logWriter(LogStart start, Spool spool) {
        return new LogWriter(
                start.archive().id(),
                start.identity().writer(),
                Codec.ZSTD,
                Timekeeper.system(),
                spool,
                start.end(),
                SourcePosition.NOWHERE,
                () -> {},
                _ -> {});
    }

    /// Adds a base of an empty database, the smallest segment of a log writer.
    static void addBase(LogWriter log) throws SpoolException {
        log.rebase(
                RebaseReason.FIRST,
                PAGE_SIZE,
                0,
                SourcePosition.NOWHERE,
                Optional.of(new PageMap(PAGE_SIZE)));
    }

    /// Adds a claim behind that segment.
    static SpoolEntry addClaim(
            Spool spool, SegmentHeader last, Digest digest, SourcePosition source)
            throws IOException {
        LogEnd end = new LogEnd(last, digest, new LogObject(last.seq(), last.storedLength()));
        return Claim.after(end, new WriterId(9), Codec.ZSTD, false, Timekeeper.system())
                .addTo(spool, source);
    }

    /// Adds the next entry.
    static void append(Spool spool, SegmentWriter writer) throws IOException {
        append(spool, writer, 1);
    }

    /// As [#append(Spool, SegmentWriter)].
    ///
    /// @param databasePages how many the entry says that the database has, if it is not the base
    static void append(Spool spool, SegmentWriter writer, long databasePages) throws IOException {
        Optional<SpoolEntry> last = spool.last();
        long seq = last.map(SpoolEntry::seq).orElse(0L) + 1;
        Digest previous = last.map(SpoolEntry::digest).orElse(ARCHIVE.digest());
        long tx = last.map(entry -> entry.header().lastTx()).orElse(0L) + 1;
        SpoolFile file = spool.fileFor(seq);
        long offset = spool.nextOffset(file);
        PageDeltas deltas = new PageDeltas();
        if (seq == 1) {
            writer.begin(SegmentStart.rebase(PAGE_SIZE, seq, previous, tx), file.channel(), offset);
            writer.record(
                    new RecordHeader(
                            Optional.of(RebaseReason.FIRST), 0, 0, 1000, OptionalLong.empty()));
        } else {
            writer.begin(
                    SegmentStart.commits(writer.needsReset(), PAGE_SIZE, seq, previous, tx),
                    file.channel(),
                    offset);
            writer.record(
                    new RecordHeader(
                            Optional.empty(), 1, databasePages, 1000 + seq, OptionalLong.of(seq)));
            byte[] image = new byte[PAGE_SIZE.bytes()];
            Arrays.fill(image, (byte) seq);
            writer.page(1, MemorySegment.ofArray(image));
            deltas.add(1, seq, seq - 1);
        }
        assertThat(spool.add(writer.seal(), file, SourcePosition.NOWHERE, true, deltas).seq())
                .isEqualTo(seq);
    }
}
