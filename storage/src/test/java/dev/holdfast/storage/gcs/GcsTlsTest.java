package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.TestCertificate;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// A server whose certificate no public authority has signed.
final class GcsTlsTest {
    @TempDir private static Path folder;

    private static TestCertificate certificate;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = TestCertificate.make(folder);
    }

    private static StrictGcs start() throws IOException {
        HttpsServer https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        return StrictGcs.start(https, "some-bucket");
    }

    @Test
    void isTrustedIfItsAuthorityIsNamedAndNotElse() throws IOException {
        try (StrictGcs server = start()) {
            String location = "gs://some-bucket/x?credentials=none&endpoint=" + server.endpoint();
            assertThatThrownBy(() -> create(location, 1))
                    .isInstanceOfSatisfying(
                            StoreException.Denied.class,
                            e -> assertThat(e.remedy()).contains("ca=/path/ca.pem"))
                    .hasMessageContaining(" has a certificate that is not trusted: ");
            String trusting = location + "&ca=" + certificate.file();
            assertThat(create(trusting, 1)).isInstanceOf(CreateOutcome.Created.class);
        }
    }

    /// Its parts go to an address that the server names.
    @Test
    void isTrustedWithAnObjectInPartsToo() throws IOException {
        try (StrictGcs server = start()) {
            String location =
                    "gs://some-bucket/x?credentials=none&endpoint="
                            + server.endpoint()
                            + "&ca="
                            + certificate.file();
            assertThat(create(location, GcsUpload.PART_BYTES + 1))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    @Test
    void aFileWithoutCertificatesIsRefusedAtOnce() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        for (Path file : new Path[] {empty, folder.resolve("none.pem")}) {
            assertThatThrownBy(() -> create("gs://some-bucket/x?credentials=none&ca=" + file, 1))
                    .isInstanceOf(BadConfig.class)
                    .hasMessageStartingWith("can't read the certificates in " + file + ": ");
        }
    }

    private static CreateOutcome create(String location, int bytes) throws IOException {
        try (ObjectStore store =
                GcsObjectStore.open(
                        GcsPlace.parse(location),
                        GcsAccess.of(() -> null),
                        GcsStores.PATIENCE,
                        GcsStores.NEVER)) {
            return store.create("a", ObjectBody.of(ByteBuffer.allocate(bytes)));
        }
    }
}
