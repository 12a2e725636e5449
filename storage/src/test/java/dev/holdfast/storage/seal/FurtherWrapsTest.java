package dev.holdfast.storage.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/// Wraps for those who were added later, among others that are none.
final class FurtherWrapsTest {
    private static final Identity WRITER = Identity.generate();
    private static final Identity LATER = Identity.generate();

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final DataKey key = DataKey.draw(List.of(WRITER.recipient()), new SecureRandom());
    private final String own = ObjectNames.key(key.wrapped().digest(), LATER.recipient().digest());

    @BeforeEach
    void somethingElseLiesAround() throws IOException {
        String before = ObjectNames.keysOf(key.wrapped().digest()) + "0000000000000000.key";
        store(before, ByteBuffer.wrap("no age file".getBytes(StandardCharsets.US_ASCII)));
        String behind = ObjectNames.keysOf(key.wrapped().digest()) + "ffffffffffffffff.key";
        store(behind, ByteBuffer.allocate(WrappedKey.MAX_BYTES + 1));
    }

    private void store(String name, ByteBuffer bytes) throws IOException {
        store.create(name, ObjectBody.of(bytes));
    }

    private byte[] opened(Identity identity) throws IOException, FormatException {
        return KeyRing.of(List.of(identity), store).open(key.wrapped(), "log/1", 0);
    }

    @Test
    void whatIsDamagedForSomebodyElseHidesNoneThatIsWhole() throws Exception {
        WrappedKey wrap = WrappedKey.of(key.bytes(), List.of(LATER.recipient()));
        store(own, wrap.bytes());
        assertThat(opened(LATER)).isEqualTo(key.bytes());
    }

    @Test
    void aStrangerIsToldThatTheKeyIsWrongAndNotThatSomethingIsDamaged() {
        assertThatThrownBy(() -> opened(Identity.generate()))
                .isInstanceOf(SidecarException.WrongKey.class);
    }

    @Test
    void whoseOwnIsDamagedIsToldWhich() throws Exception {
        WrappedKey wrap = WrappedKey.of(key.bytes(), List.of(LATER.recipient()));
        byte[] damaged = new byte[wrap.bytes().remaining()];
        wrap.bytes().get(damaged);
        damaged[damaged.length - 1] ^= 1;
        store(own, ByteBuffer.wrap(damaged));
        assertThatThrownBy(() -> opened(LATER))
                .isInstanceOfSatisfying(
                        FormatException.BadField.class,
                        it -> assertThat(it.object()).isEqualTo(own));
    }
}
