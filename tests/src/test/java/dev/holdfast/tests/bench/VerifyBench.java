package dev.holdfast.tests.bench;

import dev.holdfast.format.Digest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// `verify` of a snapshot against reading the same bytes and taking their SHA-256.
final class VerifyBench {
    private static final int BUFFER_BYTES = 1 << 20;

    private VerifyBench() {}

    static void run(Path folder, OptionalInt rounds) throws IOException, SQLException {
        Path database = folder.resolve("large.db");
        Path archive = folder.resolve("archive");
        LargeDatabase.write(database);
        Commands.archive(database, archive);
        System.out.printf("verify of %,d MB%n", Commands.bytes(archive) >> 20);
        new Comparison(
                        "verify",
                        () -> Comparison.time(() -> Commands.verify(archive)),
                        "read + SHA-256",
                        () -> Comparison.time(() -> read(archive)))
                .print(rounds.orElse(5));
    }

    private static void read(Path archive) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (Stream<Path> files = Files.walk(archive)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                MessageDigest digest = Digest.sha256();
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                    while (channel.read(buffer.clear()) >= 0) {
                        digest.update(buffer.flip());
                    }
                }
                byte[] _ = digest.digest();
            }
        }
    }
}
