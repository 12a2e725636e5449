package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Micros;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.UrlPath;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/// The file `writer` of a state folder: lines of text, for people to read, with a checksum of all
/// before in the last. Each store has a line; the archive has the time of its creation, in
/// microseconds since 1970; `claiming` is there only while a claim is under way.
///
/// ```
/// holdfast writer 1
/// archive 00112233445566778899aabbccddeeff 1790000000000000
/// writer 0011223344556677
/// database file:///srv/agent.db
/// store file:/srv/archive
/// claiming
/// crc32c 00112233
/// ```
final class IdentityFile {
    private static final Pattern LINES =
            Pattern.compile(
                    """
                    holdfast writer 1
                    archive ([0-9a-f]{32}) (0|[1-9]\\d{0,17})
                    writer ([0-9a-f]{16})
                    database (file:[!-~]*)
                    ((?:store %s
                    ){1,%d})(claiming
                    )?crc32c ([0-9a-f]{8})
                    """
                            .formatted(WriterIdentity.LOCATION, WriterIdentity.MAX_STORES));

    private static final String STORE = "store ";
    private static final String CLAIMING = "claiming\n";

    private static final int CRC_LINE_BYTES = "crc32c 01234567\n".length();

    private static final int MAX_BYTES = 1 << 16;

    static final FileBeginning BEGINNING =
            new FileBeginning("holdfast writer 1\n".getBytes(StandardCharsets.UTF_8));

    private IdentityFile() {}

    /// Writes the whole file, which is not there yet, and forces it to disk.
    static void write(Path file, WriterIdentity identity, FileActions files) throws IOException {
        String text =
                """
                holdfast writer 1
                archive %s %d
                writer %s
                database %s
                %s%s\
                """
                        .formatted(
                                identity.archive().id(),
                                identity.archive().createdMicros(),
                                identity.writer(),
                                identity.database().toUri(),
                                identity.stores().stream()
                                        .map(store -> STORE + store + "\n")
                                        .collect(Collectors.joining()),
                                identity.isClaiming() ? CLAIMING : "");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String crcLine = "crc32c " + crc(bytes, bytes.length) + "\n";
        try (FileChannel channel = files.createFile(file)) {
            ByteBuffer whole = StandardCharsets.UTF_8.encode(text + crcLine);
            while (whole.hasRemaining()) {
                channel.write(whole);
            }
            files.forceFile(channel);
        }
    }

    /// Empty if it is damaged.
    static Optional<WriterIdentity> read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(file);
        Matcher lines = LINES.matcher(new String(bytes, StandardCharsets.UTF_8));
        if (!lines.matches() || !lines.group(7).equals(crc(bytes, bytes.length - CRC_LINE_BYTES))) {
            return Optional.empty();
        }
        long created = Long.parseLong(lines.group(2));
        if (created > Micros.MAX) {
            return Optional.empty();
        }
        return database(lines.group(4))
                .map(database ->
                        new WriterIdentity(
                                new ArchiveInfo(ArchiveId.parse(lines.group(1)), created),
                                WriterId.parse(lines.group(3)),
                                database,
                                stores(lines.group(5)),
                                lines.group(6) != null));
    }

    private static List<String> stores(String lines) {
        return lines.lines().map(line -> line.substring(STORE.length())).toList();
    }

    /// Empty if no file can have that URI.
    private static Optional<Path> database(String uri) {
        try {
            return Optional.of(UrlPath.of(URI.create(uri)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static String crc(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
