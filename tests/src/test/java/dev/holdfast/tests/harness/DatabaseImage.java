package dev.holdfast.tests.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A database file's pages as one digest, to compare with [LoggedState#image].
public final class DatabaseImage {
    // SQLite file format 1.2: the page size, big-endian, 1 for 65,536.
    private static final int PAGE_SIZE_OFFSET = 16;
    private static final long LOCK_BYTE = 0x40000000L;

    private DatabaseImage() {}

    /// SHA-256 of the whole file, but for the lock page, which counts as zeros, as it does for the
    /// writer: nobody ever reads it.
    public static String of(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] page = in.readNBytes(512);
            if (page.length < 512) {
                return HexFormat.of().formatHex(digest.digest(page));
            }
            ByteBuffer field = ByteBuffer.wrap(page, PAGE_SIZE_OFFSET, 2);
            int inHeader = Short.toUnsignedInt(field.getShort());
            int pageSize = inHeader == 1 ? 65_536 : inHeader;
            page = concat(page, in.readNBytes(pageSize - page.length));
            for (long offset = 0; page.length > 0; offset += pageSize) {
                if (offset == LOCK_BYTE) {
                    Arrays.fill(page, (byte) 0);
                }
                digest.update(page);
                page = in.readNBytes(pageSize);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java has it
        }
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
