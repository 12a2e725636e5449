package dev.holdfast.storage.archive;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/// Objects put together from the tables of `docs/format.md`, with right checksums and digests
/// whatever else is wrong in them.
final class HandWritten {
    static final int PAGE_BYTES = 512;

    private HandWritten() {}

    /// 512 bytes that no codec makes smaller.
    static byte[] page(int which) {
        ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
        for (int i = 0; page.hasRemaining(); i++) {
            page.put(sha256(new byte[] {(byte) which, (byte) i}));
        }
        return page.array();
    }

    /// Section 2.3.
    static byte[] record(int kind, int reason, long databasePages, long micros, Object... pages) {
        ByteBuffer record = ByteBuffer.allocate(28);
        record.put((byte) kind).put((byte) 1).put((byte) reason).put((byte) 0);
        record.putInt(pages.length / 2).putInt((int) databasePages).putLong(micros).putLong(0x77);
        return concat(record.array(), pages(pages));
    }

    /// Section 2.3, the groups of a record.
    ///
    /// @param pages page number and image in turn
    static byte[] pages(Object... pages) {
        int pageBytes = pages.length == 0 ? 0 : ((byte[]) pages[1]).length;
        ByteBuffer groups = ByteBuffer.allocate(pages.length / 2 * (4 + pageBytes));
        int mostOfAGroup = pageBytes == 0 ? 1 : 2 * ((1 << 20) / pageBytes);
        for (int from = 0; from < pages.length; from += mostOfAGroup) {
            int to = Math.min(pages.length, from + mostOfAGroup);
            for (int i = from; i < to; i += 2) {
                groups.putInt((Integer) pages[i] - (i == 0 ? 0 : (Integer) pages[i - 2]));
            }
            for (int i = from; i < to; i += 2) {
                int firstWord = ByteBuffer.wrap((byte[]) pages[i + 1]).getInt();
                groups.putInt(firstWord - (Integer) pages[i]);
            }
            for (int i = from; i < to; i += 2) {
                groups.put((byte[]) pages[i + 1], 4, pageBytes - 4);
            }
        }
        return groups.array();
    }

    /// Section 2.2, codec 1: a frame of window 2^17 with one block that is stored as it is.
    static byte[] zstdBody(boolean isReset, byte[]... records) {
        byte[] raw = concat(records);
        ByteBuffer body =
                ByteBuffer.allocate((isReset ? 6 : 0) + 3 + raw.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (isReset) {
            body.putInt(0xfd2fb528).put((byte) 0).put((byte) ((17 - 10) << 3));
        }
        int blockHeader = raw.length << 3;
        body.put((byte) blockHeader).put((byte) (blockHeader >> 8)).put((byte) (blockHeader >> 16));
        return body.put(raw).array();
    }

    /// Section 2.2, codec 2: one block that is stored as it is.
    static byte[] lz4Body(byte[]... records) {
        byte[] raw = concat(records);
        return ByteBuffer.allocate(8 + raw.length)
                .putInt(raw.length)
                .putInt(raw.length)
                .put(raw)
                .array();
    }

    /// What differs from segment to segment in section 2.1's table.
    record Fields(
            int flags,
            int codec,
            long seq,
            Digest previous,
            long firstTx,
            int records,
            long firstMicros,
            long lastMicros,
            long rawLength,
            long databasePages) {}

    /// Section 2.1.
    static byte[] segment(ArchiveInfo archive, Fields fields, byte[] body) {
        ByteBuffer segment = ByteBuffer.allocate(128 + body.length + 32);
        segment.put(
                new byte[] {
                    'H', 'F', 'S', 'G', 1, (byte) fields.flags(), (byte) fields.codec(), 9
                });
        segment.putLong(archive.id().high()).putLong(archive.id().low()).putLong(fields.seq());
        fields.previous().writeTo(segment, 32);
        segment.position(64).putLong(0xabcdef).putLong(fields.firstTx()).putInt(fields.records());
        segment.put((byte) (fields.codec() == 1 ? 17 : 0)).position(88);
        segment.putLong(fields.firstMicros()).putLong(fields.lastMicros());
        segment.putLong(fields.rawLength())
                .putLong(body.length)
                .putInt((int) fields.databasePages());
        CRC32C crc = new CRC32C();
        crc.update(segment.array(), 0, 124);
        segment.putInt((int) crc.getValue()).put(body);
        MessageDigest digest = Digest.sha256();
        digest.update(segment.array(), 0, 128 + body.length);
        return segment.put(digest.digest()).array();
    }

    /// The digest at a segment's end.
    static Digest digestOf(byte[] segment) {
        return Digest.readFrom(ByteBuffer.wrap(segment), segment.length - 32);
    }

    static byte[] sha256(byte[]... parts) {
        MessageDigest digest = Digest.sha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /// A store with archive.json and one object.
    static InMemoryObjectStore store(ArchiveInfo archive, String name, byte[] content)
            throws IOException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        Archive.create(store, archive);
        store.create(name, ObjectBody.of(ByteBuffer.wrap(content)));
        return store;
    }
}
