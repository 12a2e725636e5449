package dev.holdfast.storage.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.Test;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Data keys as age files, and the identities that open them.
final class WrappedKeyTest {
    private static final Identity READER = Identity.generate();

    private static byte[] bytes(WrappedKey wrapped) {
        byte[] bytes = new byte[wrapped.bytes().remaining()];
        wrapped.bytes().get(bytes);
        return bytes;
    }

    @Test
    void eachOfManyRecipientsOpensIt() throws FormatException {
        List<Identity> identities =
                Stream.generate(Identity::generate).limit(WrappedKey.MAX_RECIPIENTS).toList();
        List<Recipient> recipients = identities.stream().map(Identity::recipient).toList();
        DataKey key = DataKey.draw(recipients, new SecureRandom());
        assertThat(key.wrapped().storedBytes()).isLessThan(4_096);
        for (Identity identity : identities) {
            assertThat(key.wrapped().unwrap(List.of(identity), "a", 0)).contains(key.bytes());
        }
        assertThat(key.wrapped().unwrap(List.of(READER), "a", 0)).isEmpty();
        assertThat(key).hasToString("***");
    }

    @Test
    void anyFlippedBitAndAnyCutIsRefusedOrOpensNothing() {
        DataKey key = DataKey.draw(List.of(READER.recipient()), new SecureRandom());
        byte[] good = bytes(key.wrapped());
        for (int bit = 0; bit < 8 * good.length; bit++) {
            byte[] flipped = good.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(opened(flipped)).as("bit %d", bit).isEmpty();
        }
        for (int length = 0; length < good.length; length++) {
            assertThat(opened(Arrays.copyOf(good, length))).as("cut to %d", length).isEmpty();
        }
        assertThat(opened(Arrays.copyOf(good, good.length + 1))).isEmpty();
        assertThat(opened(good)).contains(key.bytes());
    }

    private static Optional<byte[]> opened(byte[] ageFile) {
        try {
            return new WrappedKey(ageFile).unwrap(List.of(READER), "a", 0);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    @Test
    void anIdentityFileOfAgeKeygenIsReadAndNoSecretIsRepeated() {
        String secret = READER.secret();
        String file = "# created: 2026-11-22\n# public key: age1\n\n" + secret + "\r\n";
        assertThat(Identity.parseAll(file))
                .extracting(Identity::recipient)
                .containsExactly(READER.recipient());
        assertThat(READER).hasToString("***");
        String broken = secret.substring(0, secret.length() - 1);
        assertThatThrownBy(() -> Identity.parseAll("\n" + broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2")
                .hasMessageNotContaining(broken.substring(17));
        assertThatThrownBy(() -> Identity.parseAll("# nothing\n"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
