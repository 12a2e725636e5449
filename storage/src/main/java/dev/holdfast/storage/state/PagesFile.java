package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.RecordHeader;
import dev.holdfast.storage.FileActions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/// The file `pages` of a state folder. Big-endian; private to one machine, so a version that is not
/// known is as good as no file.
///
/// ```
///   0  4 magic HFPM        24  8 seq       80  8 page count
///   4  4 version           32 32 digest    88  4 length of source
///   8 16 archive id        64  8 tx        92 64 source
///                          72  8 micros   156  4 page size
/// 160 ...  8 bytes a page: its hash
/// end 32 SHA-256 of all before
/// ```
final class PagesFile {
    private static final int MAGIC = 0x4846504d;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 160;
    private static final int SOURCE_AT = 92;
    private static final int CHUNK_BYTES = 64 << 10;

    static final FileBeginning BEGINNING =
            new FileBeginning(ByteBuffer.allocate(Integer.BYTES).putInt(0, MAGIC).array());

    private PagesFile() {}

    /// Writes the whole file, which is not there yet, and forces it to disk.
    static void write(Path file, SavedPages saved, FileActions files) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        ByteBuffer out = ByteBuffer.allocate(CHUNK_BYTES);
        header(saved, out);
        try (FileChannel channel = files.createFile(file)) {
            for (long page = 1; page <= saved.pages().pageCount(); page++) {
                if (out.remaining() < Long.BYTES) {
                    drain(out, sha256, channel);
                }
                out.putLong(saved.pages().get(page));
            }
            drain(out, sha256, channel);
            out.put(sha256.digest()).flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
            files.forceFile(channel);
        }
    }

    private static void header(SavedPages saved, ByteBuffer out) {
        ByteBuffer source = saved.source();
        out.putInt(0, MAGIC).putInt(4, VERSION);
        saved.archive().writeTo(out, 8);
        out.putLong(24, saved.point().seq());
        saved.point().digest().writeTo(out, 32);
        out.putLong(64, saved.point().tx()).putLong(72, saved.point().micros());
        out.putLong(80, saved.pages().pageCount());
        out.putInt(88, source.remaining()).put(SOURCE_AT, source, 0, source.remaining());
        out.putInt(156, saved.pageSize().bytes());
        out.position(HEADER_BYTES);
    }

    private static void drain(ByteBuffer out, MessageDigest sha256, FileChannel channel)
            throws IOException {
        out.flip();
        sha256.update(out.duplicate());
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    /// Empty if the file is not whole: a state that can't be trusted is no state.
    static Optional<SavedPages> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            fill(channel, header);
            if (header.hasRemaining() || header.getInt(0) != MAGIC || header.getInt(4) != VERSION) {
                return Optional.empty();
            }
            long pageCount = header.getLong(80);
            int sourceLength = header.getInt(88);
            if (pageCount < 0
                    || pageCount > RecordHeader.MAX_DATABASE_PAGES
                    || channel.size() != HEADER_BYTES + pageCount * Long.BYTES + Digest.BYTES
                    || sourceLength < 0
                    || sourceLength > SavedPages.MAX_SOURCE_BYTES
                    || !PageSize.isValid(header.getInt(156))) {
                return Optional.empty();
            }
            return readPages(channel, header, pageCount, sourceLength);
        }
    }

    private static Optional<SavedPages> readPages(
            FileChannel channel, ByteBuffer header, long pageCount, int sourceLength)
            throws IOException {
        MessageDigest sha256 = Digest.sha256();
        sha256.update(header.duplicate().flip());
        PageSize pageSize = new PageSize(header.getInt(156));
        PageMap pages = new PageMap(pageSize);
        ByteBuffer in = ByteBuffer.allocate(CHUNK_BYTES);
        for (long page = 1; page <= pageCount; ) {
            in.clear().limit((int) Math.min(CHUNK_BYTES, (pageCount - page + 1) * Long.BYTES));
            fill(channel, in);
            if (in.hasRemaining()) {
                return Optional.empty(); // cut off while it was read
            }
            in.flip();
            sha256.update(in.duplicate());
            while (in.remaining() >= Long.BYTES) {
                long hash = in.getLong();
                if (page != pageSize.lockPage()) {
                    pages.set(page, hash);
                }
                page++;
            }
        }
        pages.resize(pageCount);
        ByteBuffer end = ByteBuffer.allocate(Digest.BYTES);
        fill(channel, end);
        if (end.hasRemaining() || !Digest.of(sha256).equals(Digest.readFrom(end, 0))) {
            return Optional.empty();
        }
        ByteBuffer source = header.slice(SOURCE_AT, sourceLength);
        LogPoint point =
                new LogPoint(
                        header.getLong(24),
                        Digest.readFrom(header, 32),
                        header.getLong(64),
                        header.getLong(72));
        return Optional.of(
                new SavedPages(ArchiveId.readFrom(header, 8), point, pageSize, pages, source));
    }

    private static void fill(FileChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining() && channel.read(into) >= 0) {
            // a short read is legal
        }
    }
}
