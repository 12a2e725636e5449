package dev.holdfast.format;

import dev.holdfast.format.failure.FormatException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `archive.json` (`docs/format.md`, section 1): which archive this is.
public record ArchiveInfo(ArchiveId id, long createdMicros) {
    public static final int VERSION = 1;
    public static final int MAX_BYTES = 4096;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
                    .withZone(ZoneOffset.UTC)
                    .withResolverStyle(ResolverStyle.STRICT);
    private static final Pattern LINE =
            Pattern.compile(
                    "(\\{\"format\":\"holdfast\",\"version\":([1-9]\\d{0,8}),\"archive\":\"([0-9a-f]{32})\",\"created\":\"([0-9T:.-]{26}Z)\"),\"sha256\":\"([0-9a-f]{64})\"}\n");

    /// The bytes as stored.
    public byte[] toBytes() {
        String body =
                "{\"format\":\"holdfast\",\"version\":%d,\"archive\":\"%s\",\"created\":\"%s\""
                        .formatted(VERSION, id, TIME.format(Micros.toInstant(createdMicros)));
        return (body + ",\"sha256\":\"" + digestOf(body) + "\"}\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Digest of the whole object, which the first segment carries as that of the one before it.
    public Digest digest() {
        return Digest.of(ByteBuffer.wrap(toBytes()));
    }

    public static ArchiveInfo parse(byte[] stored) throws FormatException {
        FieldCheck check = new FieldCheck(ObjectNames.ARCHIVE_INFO, 0);
        check.require(stored.length <= MAX_BYTES, "size", stored.length, "at most " + MAX_BYTES);
        Matcher line = LINE.matcher(new String(stored, StandardCharsets.ISO_8859_1));
        check.require(
                line.matches(),
                "content",
                stored.length + " other bytes",
                "one line as in docs/format.md");
        int version = Integer.parseInt(line.group(2));
        if (version != VERSION) {
            throw new FormatException.UnknownVersion(
                    ObjectNames.ARCHIVE_INFO, 0, "archive", version, VERSION);
        }
        String computed = digestOf(line.group(1));
        if (!computed.equals(line.group(5))) {
            throw new FormatException.DigestMismatch(
                    ObjectNames.ARCHIVE_INFO, 0, "the line", computed, line.group(5));
        }
        long created = created(line.group(4), check);
        return new ArchiveInfo(ArchiveId.parse(line.group(3)), created);
    }

    private static long created(String text, FieldCheck check) throws FormatException {
        long micros;
        try {
            micros = Micros.of(TIME.parse(text, Instant::from));
        } catch (DateTimeException _) {
            throw check.bad("created", text, "a time");
        }
        check.range(micros, 0, Micros.MAX, "created");
        return micros;
    }

    private static String digestOf(String body) {
        return Digest.of(ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII))).toString();
    }
}
