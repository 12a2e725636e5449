package dev.holdfast.storage.seal;

import com.exceptionfactory.jagged.FileKey;
import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;

import dev.holdfast.format.Digest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/// The public half of an [Identity]: for whom data keys are wrapped.
///
/// @param text as age writes it, `age1…`
public record Recipient(String text) {
    public Recipient {
        check(writer(text));
    }

    /// That something can be wrapped for it: there are points of which no secret comes.
    private static void check(RecipientStanzaWriter writer) {
        try {
            Iterable<RecipientStanza> _ = writer.getRecipientStanzas(new FileKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("nothing can be encrypted for it", e);
        }
    }

    private static RecipientStanzaWriter writer(String text) {
        if (!text.startsWith("age1")) {
            throw new IllegalArgumentException("it does not begin with age1");
        }
        try {
            return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("it is no X25519 public key", e);
        }
    }

    RecipientStanzaWriter writer() {
        return writer(text);
    }

    /// Of the text.
    public Digest digest() {
        return Digest.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public String toString() {
        return text;
    }
}
