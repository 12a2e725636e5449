package dev.holdfast.storage.seal;

import java.security.SecureRandom;
import java.util.List;

/// What a writer encrypts with: 32 random bytes that it holds in memory only, and as they are
/// stored. Its host, which has public keys only, can't read again what it wrote.
public final class DataKey {
    private final byte[] bytes;
    private final WrappedKey wrapped;

    private DataKey(byte[] bytes, WrappedKey wrapped) {
        this.bytes = bytes;
        this.wrapped = wrapped;
    }

    static DataKey draw(List<Recipient> recipients, SecureRandom random) {
        byte[] bytes = new byte[WrappedKey.DATA_KEY_BYTES];
        random.nextBytes(bytes);
        return new DataKey(bytes, WrappedKey.of(bytes, recipients));
    }

    byte[] bytes() {
        return bytes;
    }

    /// As it is stored.
    public WrappedKey wrapped() {
        return wrapped;
    }

    @Override
    public String toString() {
        return "***";
    }
}
