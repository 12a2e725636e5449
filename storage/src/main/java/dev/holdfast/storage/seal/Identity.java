package dev.holdfast.storage.seal;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.x25519.X25519KeyFactory;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.crypto.spec.SecretKeySpec;

/// A secret that opens data keys, as age writes it. Nobody may print one; only [#secret] gives it,
/// for its file.
public final class Identity {
    /// How each secret begins.
    public static final String START = "AGE-SECRET-KEY-1";

    private final String secret;
    private final Recipient recipient;

    private Identity(String secret, Recipient recipient) {
        this.secret = secret;
        this.recipient = recipient;
    }

    /// A new one.
    public static Identity generate() {
        try {
            byte[] secret =
                    new X25519KeyPairGenerator().generateKeyPair().getPrivate().getEncoded();
            return parse(new String(secret, StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each JDK has X25519", e);
        }
    }

    /// Takes the text of one.
    ///
    /// @throws IllegalArgumentException if it is none; the message does not show it
    public static Identity parse(String secret) {
        try {
            if (!secret.startsWith(START)) {
                throw new IllegalArgumentException();
            }
            byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
            RecipientStanzaReader _ =
                    X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(secret);
            String recipient =
                    new X25519KeyFactory()
                            .translateKey(new SecretKeySpec(bytes, "X25519"))
                            .toString();
            return new Identity(secret, new Recipient(recipient.toLowerCase(Locale.ROOT)));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            throw new IllegalArgumentException("it is no identity of age's, " + START + "…");
        }
    }

    /// Those of a file as age-keygen writes it: one a line; empty lines and those that begin with
    /// `#` are skipped.
    ///
    /// @throws IllegalArgumentException if a line is none, or none is there; no line is shown
    public static List<Identity> parseAll(String file) {
        List<Identity> identities = new ArrayList<>();
        List<String> lines = file.lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                identities.add(parse(line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage());
            }
        }
        if (identities.isEmpty()) {
            throw new IllegalArgumentException("no line has an identity, " + START + "…");
        }
        return identities;
    }

    /// Its public half.
    public Recipient recipient() {
        return recipient;
    }

    /// What its file holds.
    public String secret() {
        return secret;
    }

    RecipientStanzaReader reader() throws GeneralSecurityException {
        return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(secret);
    }

    @Override
    public String toString() {
        return "***";
    }
}
