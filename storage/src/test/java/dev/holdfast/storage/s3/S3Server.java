package dev.holdfast.storage.s3;

import dev.holdfast.storage.ServerProgram;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/// A real S3 server: the one that the environment names, or a MinIO that is started for this JVM
/// and ends with it. `build/servers.sh` finds the program.
///
/// Where there is none, the test that asks is skipped; in CI it fails.
public record S3Server(URI endpoint, String accessKey, String secretKey) {
    private static final String ENDPOINT = "HOLDFAST_S3_ENDPOINT";
    private static final String ACCESS_KEY = "HOLDFAST_S3_ACCESS_KEY";
    private static final String SECRET_KEY = "HOLDFAST_S3_SECRET_KEY";
    private static final String PROGRAM = "HOLDFAST_MINIO";

    /// The server that all tests of this JVM share; each makes a bucket of its own.
    public static S3Server shared() {
        Map<String, String> variables = System.getenv();
        String endpoint = variables.get(ENDPOINT);
        if (endpoint != null) {
            return new S3Server(
                    URI.create(endpoint),
                    Objects.requireNonNull(variables.get(ACCESS_KEY), ACCESS_KEY),
                    Objects.requireNonNull(variables.get(SECRET_KEY), SECRET_KEY));
        }
        Path _ = program();
        return Shared.SERVER.server();
    }

    /// The program MinIO, for a test that wants a server of its own, to kill it, say.
    public static Path program() {
        return ServerProgram.named("S3", PROGRAM, ENDPOINT);
    }

    /// Made when the first test asks.
    private static final class Shared {
        static final MinioProcess SERVER = start();

        private Shared() {}

        private static MinioProcess start() {
            try {
                Path data = Files.createTempDirectory("holdfast-minio");
                return MinioProcess.start(program(), data, MinioProcess.Data.REMOVED_AT_END);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
