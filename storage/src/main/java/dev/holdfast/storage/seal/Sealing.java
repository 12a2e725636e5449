package dev.holdfast.storage.seal;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/// For whom a writer encrypts, and its data key now. [#current] may be asked by any thread.
public final class Sealing {
    private final List<Recipient> recipients;
    private final SecureRandom random = new SecureRandom();
    private volatile @Nullable DataKey current;

    /// Draws a data key.
    ///
    /// @param recipients none means that nothing is encrypted
    public Sealing(List<Recipient> recipients) {
        this.recipients = recipients.stream().distinct().toList();
        renew();
    }

    /// Draws another data key, for what is begun from now on.
    public void renew() {
        current = recipients.isEmpty() ? null : DataKey.draw(recipients, random);
    }

    /// Empty if nothing is encrypted.
    public Optional<DataKey> current() {
        return Optional.ofNullable(current);
    }
}
