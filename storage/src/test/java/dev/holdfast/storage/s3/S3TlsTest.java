package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.TestCertificate;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A server whose certificate no public authority has signed.
final class S3TlsTest {
    @TempDir private static Path folder;

    private static TestCertificate certificate;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = TestCertificate.make(folder);
    }

    private static ScriptedServer start() throws IOException {
        return new ScriptedServer(
                certificate
                        .context()
                        .getServerSocketFactory()
                        .createServerSocket(0, 10, InetAddress.getLoopbackAddress()));
    }

    @Test
    void isTrustedIfItsAuthorityIsNamedAndNotElse() throws Exception {
        try (ScriptedServer server = start().then(200, Map.of("ETag", "\"e\""), "")) {
            String location = "s3://some-bucket/x?endpoint=https://127.0.0.1:" + server.port();
            assertThatThrownBy(() -> create(location))
                    .isInstanceOfSatisfying(
                            StoreException.Denied.class,
                            e -> assertThat(e.remedy()).contains("ca=/path/ca.pem"))
                    .hasMessageContaining(" has a certificate that is not trusted: ");
            assertThat(create(location + "&ca=" + certificate.file()))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aConnectionThatBreaksOffInItsHandshakeIsTriedAgain() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> hangUp(socket));
            assertThatThrownBy(() ->
                            create(
                                    "s3://some-bucket/x?endpoint=https://127.0.0.1:"
                                            + socket.getLocalPort()))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining(" broke off: ");
        }
    }

    /// After the client's first words, so that it is no reset.
    private static void hangUp(ServerSocket socket) {
        try (Socket connection = socket.accept()) {
            int read = connection.getInputStream().read(new byte[16 * 1024]);
            assertThat(read).isPositive();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFileWithoutCertificatesIsRefusedAtOnce() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        for (Path file : new Path[] {empty, folder.resolve("none.pem")}) {
            assertThatThrownBy(() -> create("s3://some-bucket/x?region=a&ca=" + file))
                    .isInstanceOf(BadConfig.class)
                    .hasMessageStartingWith("can't read the certificates in " + file + ": ");
        }
    }

    private static CreateOutcome create(String location) throws IOException {
        try (ObjectStore store =
                S3FailuresTest.open(
                        location,
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")),
                        TestBucket.PATIENCE)) {
            return store.create("a", ObjectBody.of(ByteBuffer.allocate(1)));
        }
    }
}
