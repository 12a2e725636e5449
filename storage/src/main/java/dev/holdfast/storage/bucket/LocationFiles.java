package dev.holdfast.storage.bucket;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException.BadConfig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// Files that a bucket's location names.
public final class LocationFiles {
    // Linux, Documentation/ABI/testing/sysfs-firmware-dmi-tables: the board's, as the firmware says
    private static final Path MAKER = Path.of("/sys/class/dmi/id/sys_vendor");

    private LocationFiles() {}

    /// The file, if it can be read. It is not repeated in a message: a secret may stand in its
    /// place.
    ///
    /// @param option that names it
    /// @param form that it is to have
    public static Path readable(String option, Path file, String form) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            String reason =
                    Files.isDirectory(file)
                            ? "it is a folder"
                            : Files.exists(file) ? "permission denied" : "it is not there";
            throw new BadConfig(
                    "can't read the file that " + option + "= names: " + reason,
                    "Name a file that this user may read, in the form of " + form + ".");
        }
        return file;
    }

    /// As [#readable], and what is in it.
    public static byte[] read(String option, Path file, String form) {
        try {
            return Files.readAllBytes(readable(option, file, form));
        } catch (IOException e) {
            throw new BadConfig(
                    "can't read the file that " + option + "= names: " + IoReason.withoutFile(e),
                    "Name a file that this user may read, in the form of " + form + ".");
        }
    }

    /// Whether the machine says that it is of that maker, as one in a cloud does.
    public static boolean isMachineOf(String maker) {
        try {
            return Files.readString(MAKER).strip().equals(maker);
        } catch (IOException _) {
            return false; // it says nothing
        }
    }

    /// To trust the certificates in a file (PEM), and no others.
    public static TrustManager[] trusting(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate certificate : certificates) {
                trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
            }
            if (trusted.size() == 0) {
                throw new GeneralSecurityException("there is no certificate in it");
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new BadConfig(
                    "can't read the certificates in " + file + ": " + IoReason.withoutFile(e),
                    "Name a file with certificates in PEM form by ca=.");
        }
    }
}
