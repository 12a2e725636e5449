package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A server whose certificate no public authority has signed.
final class S3TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir private static Path folder;

    @BeforeAll
    static void makeCertificate() throws Exception {
        keytool(
                List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1"),
                List.of("-ext", "san=ip:127.0.0.1"));
        keytool(
                List.of("-exportcert", "-rfc", "-file", folder.resolve("ca.pem").toString()),
                List.of());
    }

    private static void keytool(List<String> command, List<String> more) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString());
        builder.command().addAll(command);
        builder.command().addAll(more);
        builder.command()
                .addAll(
                        List.of(
                                "-alias",
                                "server",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                folder.resolve("keys.p12").toString()));
        assertThat(builder.inheritIO().start().waitFor()).isZero();
    }

    private static ScriptedServer start() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("keys.p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return new ScriptedServer(
                context.getServerSocketFactory()
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
            assertThat(create(location + "&ca=" + folder.resolve("ca.pem")))
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
