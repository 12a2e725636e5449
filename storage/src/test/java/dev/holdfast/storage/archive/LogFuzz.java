package dev.holdfast.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.FuzzInputs;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.InMemoryObjectStore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Any bytes as a log object, for `./dev fuzz log`: it is refused by name, or its headers are those
/// that would be written, and its records, written out again, are what the codec's own library
/// makes of the bodies.
///
/// The first byte of the input says whether checksums, digests and chain are mended before.
public final class LogFuzz {
    private static final ArchiveInfo ARCHIVE = new ArchiveInfo(new ArchiveId(1, 2), 0);
    private static final String NAME = ObjectNames.log(1);
    private static final SegmentReader READER = new SegmentReader(ARCHIVE);

    private LogFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) throws IOException {
        if (input.length == 0) {
            return false;
        }
        byte[] object = FuzzInputs.stored(input, bytes -> sealed(bytes, ARCHIVE));
        READER.forget();
        try {
            read(object);
            return true;
        } catch (FormatException refused) {
            assertThat(refused.object()).isEqualTo(NAME);
            assertThat(refused.offset()).isBetween(0L, (long) object.length);
            return false;
        }
    }

    /// As many whole segments as the lengths in the headers make; a length that is too large
    /// becomes that of all the rest.
    static byte[] sealed(byte[] bytes, ArchiveInfo archive) {
        byte[] object = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(object);
        Digest before = archive.digest();
        int least = SegmentHeader.BYTES + Digest.BYTES;
        for (int at = 0; at + least <= object.length; ) {
            int most = object.length - at - least;
            int body = Math.clamp(out.getLong(at + 112), 0, most);
            ByteBuffer header = out.slice(at, SegmentHeader.BYTES);
            archive.id().writeTo(header, 8);
            before.writeTo(header, 32);
            CRC32C crc = new CRC32C();
            crc.update(object, at, 124);
            header.putLong(112, body).putInt(124, (int) crc.getValue());
            before = Digest.of(out.slice(at, SegmentHeader.BYTES + body));
            before.writeTo(out, at + SegmentHeader.BYTES + body);
            at += least + body;
        }
        return object;
    }

    private static void read(byte[] object) throws IOException, FormatException {
        RawBodies bodies = new RawBodies();
        READER.open(source(object), 0);
        for (Optional<SegmentHeader> next = READER.next(); next.isPresent(); next = READER.next()) {
            SegmentHeader header = next.get();
            int at = (int) READER.offset();
            ByteBuffer again = ByteBuffer.wrap(Arrays.copyOfRange(object, at, at + 128));
            header.writeTo(again);
            int end = at + 128 + (int) header.bodyLength();
            assertThat(again.array()).isEqualTo(Arrays.copyOfRange(object, at, at + 128));
            if (READER.canDecode()) {
                Rewritten records = new Rewritten(header.pageSize());
                READER.decode(records);
                assertThat(records.bytes).isEqualTo(header.rawLength());
                assertThat(records.count).isEqualTo(header.recordCount());
                byte[] body = Arrays.copyOfRange(object, at + 128, end);
                assertThat(records.digest()).isEqualTo(bodies.digest(header, body));
            } else {
                READER.verify();
            }
            assertThat(READER.digest()).isEqualTo(Digest.of(ByteBuffer.wrap(object, at, end - at)));
        }
    }

    private static SegmentSource source(byte[] object) {
        return new SegmentSource() {
            @Override
            public String object() {
                return NAME;
            }

            @Override
            public long bytes() {
                return object.length;
            }

            @Override
            public void read(long offset, ByteBuffer into) {
                into.put(object, (int) offset, into.remaining());
            }
        };
    }

    /// The digest of a body's raw bytes, written out again record by record.
    private static final class Rewritten implements RecordVisitor {
        private final PageSize pageSize;
        private final MessageDigest sha256 = Digest.sha256();
        private final ByteBuffer header = ByteBuffer.allocate(RecordHeader.BYTES);
        private final List<Object> pages = new ArrayList<>();
        private long bytes;
        private int count;

        Rewritten(PageSize pageSize) {
            this.pageSize = pageSize;
        }

        @Override
        public void begin(long tx, RecordHeader record) {
            record.writeTo(header.clear());
            sha256.update(header);
            bytes += record.rawLength(pageSize);
            count++;
        }

        @Override
        public void page(long number, MemorySegment image) {
            pages.add((int) number);
            pages.add(image.toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void end(long tx, RecordHeader record) {
            sha256.update(HandWritten.pages(pages.toArray()));
            pages.clear();
        }

        Digest digest() {
            return Digest.of(sha256);
        }
    }

    /// Writes the seeds into a folder: log objects of several segments.
    public static void main(String[] folder) throws IOException {
        for (Codec codec : Codec.values()) {
            InMemoryObjectStore store = new InMemoryObjectStore();
            try (TestArchive archive = new TestArchive(store, 1, new PageSize(512), codec)) {
                archive.rebase(RebaseReason.FIRST, 5);
                archive.commits(2);
                archive.commits(1);
                archive.claim();
                archive.commits(3);
                archive.ship();
            }
            ByteBuffer object = ByteBuffer.allocate(1 << 16);
            store.read(NAME, 0, object);
            byte[] stored = Arrays.copyOf(object.array(), object.position());
            FuzzInputs.writeSeed(folder[0], codec.name().toLowerCase(Locale.ROOT), 1, stored);
        }
    }
}
