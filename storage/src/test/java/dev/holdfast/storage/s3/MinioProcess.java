package dev.holdfast.storage.s3;

import dev.holdfast.storage.GuardedProcess;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// One MinIO, on a port and with credentials of its own, in an environment that holds nothing of
/// the build machine's. It ends with this JVM.
public final class MinioProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MAX_TRIES = 5;

    /// A setting: the region that all buckets are in. Without it any will do.
    static final String REGION = "MINIO_SITE_REGION";

    private final GuardedProcess process;
    private final S3Server server;

    /// What becomes of a server's data.
    public enum Data {
        /// They go with the server.
        REMOVED_AT_END,
        /// The next server finds them.
        KEPT
    }

    private MinioProcess(GuardedProcess process, S3Server server) {
        this.process = process;
        this.server = server;
    }

    /// Starts one, and waits until it answers.
    ///
    /// @param data where it keeps its objects; made if it is not there
    public static MinioProcess start(Path program, Path data, Data fate) throws IOException {
        return start(program, data, fate, Map.of());
    }

    /// As [#start], with settings: variables of its environment.
    public static MinioProcess start(
            Path program, Path data, Data fate, Map<String, String> settings) throws IOException {
        String secret = HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
        for (int tries = 1; ; tries++) {
            int port = GuardedProcess.freePort();
            S3Server server =
                    new S3Server(URI.create("http://127.0.0.1:" + port), "holdfast-tests", secret);
            MinioProcess process = startOnce(program, data, fate, settings, server);
            if (process.isHealthy(settings)) {
                return process;
            }
            process.close();
            // Another program may have taken the port in between
            if (tries == MAX_TRIES) {
                throw new IOException("MinIO does not start; see " + log(data));
            }
        }
    }

    /// As [#start], on the port and with the credentials of one that has ended.
    public static MinioProcess restart(Path program, Path data, S3Server before)
            throws IOException {
        MinioProcess process = startOnce(program, data, Data.KEPT, Map.of(), before);
        if (!process.isHealthy(Map.of())) {
            process.close();
            throw new IOException("MinIO does not start again; see " + log(data));
        }
        return process;
    }

    private static MinioProcess startOnce(
            Path program, Path data, Data fate, Map<String, String> settings, S3Server server)
            throws IOException {
        Files.createDirectories(data.resolve("objects"));
        List<String> command =
                List.of(
                        program.toString(),
                        "server",
                        "--quiet",
                        "--address",
                        server.endpoint().getAuthority(),
                        "--certs-dir",
                        data.resolve("certs").toString(),
                        data.resolve("objects").toString());
        Map<String, String> environment = new HashMap<>(settings);
        environment.putAll(
                Map.of(
                        "HOME",
                        data.toString(),
                        "MINIO_ROOT_USER",
                        server.accessKey(),
                        "MINIO_ROOT_PASSWORD",
                        server.secretKey(),
                        "MINIO_BROWSER",
                        "off",
                        "MINIO_UPDATE",
                        "off"));
        Optional<Path> removed = fate == Data.REMOVED_AT_END ? Optional.of(data) : Optional.empty();
        return new MinioProcess(
                GuardedProcess.start(command, environment, log(data), removed), server);
    }

    private static Path log(Path data) {
        return data.resolve("minio.log");
    }

    private boolean isHealthy(Map<String, String> settings) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(server.endpoint()).timeout(PATIENCE).build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (System.nanoTime() - deadline < 0) {
                // Between two questions the time is spent on learning whether it has ended
                if (process.hasEnded()) {
                    return false;
                }
                if (answers(client, request, Optional.ofNullable(settings.get(REGION)))) {
                    return true;
                }
            }
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while MinIO was waited for", e);
        }
    }

    /// @param region that it must be in
    private static boolean answers(HttpClient client, HttpRequest request, Optional<String> region)
            throws InterruptedException {
        try {
            HttpResponse<?> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
            // 503 until it has read what it keeps; its page of health says "ready" before that.
            // A moment later it has read its settings too
            return answer.statusCode() == 403
                    && answer.headers().firstValue("x-amz-bucket-region").equals(region);
        } catch (IOException _) {
            return false; // nobody listens yet
        }
    }

    public S3Server server() {
        return server;
    }

    /// The server's own process, to be stopped and continued.
    public long pid() {
        return process.pid();
    }

    /// SIGKILL; returns when it is gone.
    @Override
    public void close() {
        process.close();
    }
}
