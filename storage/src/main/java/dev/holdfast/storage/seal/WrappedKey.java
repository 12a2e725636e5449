package dev.holdfast.storage.seal;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;

import dev.holdfast.format.Digest;
import dev.holdfast.format.failure.FormatException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;

/// A data key as it is stored: an age file whose payload are its 32 bytes, for one or more
/// recipients.
public final class WrappedKey {
    /// A hundred recipients would fit.
    public static final int MAX_BYTES = 16 << 10;

    public static final int MAX_RECIPIENTS = 32;
    static final int DATA_KEY_BYTES = 32;

    private final byte[] ageFile;
    private final Digest digest;

    WrappedKey(byte[] ageFile) {
        this.ageFile = ageFile.clone();
        this.digest = Digest.of(ByteBuffer.wrap(ageFile));
    }

    /// Reads its length (4) and then it, and checks the one before it believes the other.
    ///
    /// @param in from index 0 on
    /// @param object for the error
    /// @param at offset of the length in it, for the error
    public static WrappedKey readFrom(ByteBuffer in, String object, long at)
            throws FormatException {
        if (in.limit() < Integer.BYTES) {
            throw new FormatException.Truncated(
                    object, at, "length of the wrapped data key", in.limit(), Integer.BYTES);
        }
        int length = in.getInt(0);
        if (length < 1 || length > MAX_BYTES) {
            throw new FormatException.BadField(
                    object,
                    at,
                    "length of the wrapped data key",
                    Integer.toUnsignedString(length),
                    "1 to " + MAX_BYTES);
        }
        if (in.limit() < Integer.BYTES + length) {
            throw new FormatException.Truncated(
                    object, at, "wrapped data key", in.limit(), Integer.BYTES + length);
        }
        byte[] ageFile = new byte[length];
        in.get(Integer.BYTES, ageFile);
        return new WrappedKey(ageFile);
    }

    /// With its length, as [#readFrom] reads it.
    public int storedBytes() {
        return Integer.BYTES + ageFile.length;
    }

    static WrappedKey of(byte[] dataKey, List<Recipient> recipients) {
        if (recipients.isEmpty() || recipients.size() > MAX_RECIPIENTS) {
            throw new IllegalArgumentException(recipients.size() + " recipients");
        }
        List<RecipientStanzaWriter> stanzas = recipients.stream().map(Recipient::writer).toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (WritableByteChannel payload =
                new StandardEncryptingChannelFactory()
                        .newEncryptingChannel(Channels.newChannel(out), stanzas)) {
            int _ = payload.write(ByteBuffer.wrap(dataKey));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("each JDK has what age needs", e);
        }
        return new WrappedKey(out.toByteArray());
    }

    /// The data key; empty if it is for none of them.
    ///
    /// @param object where it was read, for errors
    /// @param at offset in it, for errors
    Optional<byte[]> unwrap(List<Identity> identities, String object, long at)
            throws FormatException {
        for (Identity identity : identities) {
            Optional<byte[]> key = unwrap(identity, object, at);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }

    private Optional<byte[]> unwrap(Identity identity, String object, long at)
            throws FormatException {
        try (ReadableByteChannel payload =
                new StandardDecryptingChannelFactory()
                        .newDecryptingChannel(
                                Channels.newChannel(new ByteArrayInputStream(ageFile)),
                                List.of(identity.reader()))) {
            ByteBuffer key = ByteBuffer.allocate(DATA_KEY_BYTES + 1);
            int count = 0;
            while (count >= 0 && key.hasRemaining()) {
                count = payload.read(key);
            }
            if (key.position() != DATA_KEY_BYTES) {
                throw bad(object, at, key.position() + " bytes or more in it");
            }
            byte[] bytes = new byte[DATA_KEY_BYTES];
            key.get(0, bytes);
            return Optional.of(bytes);
        } catch (UnsupportedRecipientStanzaException _) {
            return Optional.empty();
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // Also what age's reader did not expect of hostile bytes
            throw bad(object, at, "what age's reader refuses: " + e.getMessage());
        }
    }

    private static FormatException bad(String object, long at, String found) {
        return new FormatException.BadField(
                object, at, "wrapped data key", found, "an age file of 32 bytes");
    }

    /// Of the age file, by which further wraps of the same data key are named.
    public Digest digest() {
        return digest;
    }

    /// The age file.
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(ageFile).asReadOnlyBuffer();
    }
}
