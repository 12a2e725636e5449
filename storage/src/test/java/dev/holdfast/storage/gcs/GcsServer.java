package dev.holdfast.storage.gcs;

import dev.holdfast.storage.GuardedProcess;
import dev.holdfast.storage.ServerProgram;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A GCS server that others keep: the one that the environment names, or a fake-gcs-server that is
/// started for this JVM and ends with it. `build/servers.sh` finds the program.
///
/// Where there is none, the test that asks is skipped; in CI it fails.
public record GcsServer(URI endpoint) {
    private static final String ENDPOINT = "HOLDFAST_GCS_ENDPOINT";
    private static final String PROGRAM = "HOLDFAST_FAKE_GCS";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /// The server that all tests of this JVM share; each makes a bucket of its own.
    public static GcsServer shared() {
        @Nullable String endpoint = System.getenv(ENDPOINT);
        if (endpoint != null) {
            return new GcsServer(URI.create(endpoint));
        }
        Path _ = program();
        return Shared.SERVER;
    }

    private static Path program() {
        return ServerProgram.named("GCS", PROGRAM, ENDPOINT);
    }

    /// Makes a bucket, and returns its name.
    public String makeBucket() {
        String name = "test-" + HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
        HttpRequest request =
                HttpRequest.newBuilder(endpoint.resolve("/storage/v1/b?project=tests"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\"}"))
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new AssertionError("no bucket was made: " + status);
            }
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while a bucket was made", e);
        }
    }

    /// Made when the first test asks.
    private static final class Shared {
        static final GcsServer SERVER = start();

        private Shared() {}

        private static GcsServer start() {
            try {
                Path folder = Files.createTempDirectory("holdfast-fake-gcs");
                int port = GuardedProcess.freePort();
                String endpoint = "http://127.0.0.1:" + port;
                GuardedProcess process =
                        GuardedProcess.start(
                                List.of(
                                        program().toString(),
                                        "-backend=memory",
                                        "-scheme=http",
                                        "-host=127.0.0.1",
                                        "-port=" + port,
                                        "-public-host=127.0.0.1:" + port,
                                        "-external-url=" + endpoint,
                                        "-log-level=warn"),
                                Map.of("HOME", folder.toString()),
                                folder.resolve("log"),
                                Optional.of(folder));
                GcsServer server = new GcsServer(URI.create(endpoint));
                server.awaitHealthy(process);
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void awaitHealthy(GuardedProcess process) {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint.resolve("/_internal/healthcheck"))
                        .timeout(PATIENCE)
                        .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            // Between two questions the time is spent on learning whether it has ended
            while (!process.hasEnded() && System.nanoTime() - deadline < 0) {
                if (answers(client, request)) {
                    return;
                }
            }
            throw new AssertionError("fake-gcs-server does not start");
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while fake-gcs-server was waited for", e);
        }
    }

    private static boolean answers(HttpClient client, HttpRequest request)
            throws InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false; // nobody listens yet
        }
    }
}
