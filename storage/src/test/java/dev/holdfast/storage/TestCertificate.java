package dev.holdfast.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A certificate of a server on this machine that no public authority has signed.
///
/// @param file where it lies, as `ca=` wants it (PEM)
/// @param context what the server speaks TLS with
public record TestCertificate(Path file, SSLContext context) {
    private static final String PASSWORD = "changeit";

    /// Makes one, with its keys, in an empty folder.
    public static TestCertificate make(Path folder)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path file = folder.resolve("ca.pem");
        Path keys = folder.resolve("keys.p12");
        keytool(
                keys,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1");
        keytool(keys, "-exportcert", "-rfc", "-file", file.toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return new TestCertificate(file, context);
    }

    private static void keytool(Path keys, String... command)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin/keytool").toString());
        words.addAll(List.of(command));
        words.addAll(
                List.of(
                        "-alias",
                        "server",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        keys.toString()));
        int exit = new ProcessBuilder(words).inheritIO().start().waitFor();
        if (exit != 0) {
            throw new AssertionError(words + " ended with " + exit);
        }
    }
}
