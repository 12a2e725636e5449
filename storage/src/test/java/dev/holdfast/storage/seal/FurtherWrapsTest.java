package dev.holdfast.storage.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
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
    private final String prefix = ObjectNames.keysOf(key.wrapped().digest());

    @BeforeEach
    void somethingElseLiesAround() throws IOException {
        String before = prefix + "0000000000000000-0000000000000000.key";
        store(before, ByteBuffer.wrap("no age file".getBytes(StandardCharsets.US_ASCII)));
        String behind = prefix + "ffffffffffffffff-ffffffffffffffff.key";
        store(behind, ByteBuffer.allocate(WrappedKey.MAX_BYTES + 1));
    }

    private void store(String name, ByteBuffer bytes) throws IOException {
        store.create(name, ObjectBody.of(bytes));
    }

    private WrappedKey stored() throws IOException {
        WrappedKey wrap = WrappedKey.of(key.bytes(), List.of(LATER.recipient()));
        assertThat(FurtherWraps.create(store, key.wrapped().digest(), LATER.recipient(), wrap))
                .isInstanceOf(CreateOutcome.Created.class);
        return wrap;
    }

    private String own(WrappedKey wrap) {
        return ObjectNames.key(key.wrapped().digest(), LATER.recipient().digest(), wrap.digest());
    }

    private boolean isThere() throws IOException {
        return FurtherWraps.isThere(store, key.wrapped().digest(), LATER.recipient());
    }

    /// Its last bit is another one.
    private String damaged() throws IOException {
        WrappedKey wrap = stored();
        byte[] damaged = new byte[wrap.bytes().remaining()];
        wrap.bytes().get(damaged);
        damaged[damaged.length - 1] ^= 1;
        String name = own(wrap);
        assertThat(store.delete(name)).isNotNull();
        store(name, ByteBuffer.wrap(damaged));
        return name;
    }

    private byte[] opened(Identity identity) throws IOException, FormatException {
        return KeyRing.of(List.of(identity), store).open(key.wrapped(), "log/1", 0);
    }

    @Test
    void whatIsDamagedForSomebodyElseHidesNoneThatIsWhole() throws Exception {
        assertThat(isThere()).isFalse();
        WrappedKey wrap = stored();
        assertThat(isThere()).isTrue();
        assertThat(opened(LATER)).isEqualTo(key.bytes());
        assertThat(FurtherWraps.read(store, own(wrap))).isPresent();
        assertThat(FurtherWraps.names(store, ObjectNames.KEYS)).hasSize(3);
    }

    @Test
    void aStrangerIsToldThatTheKeyIsWrongAndNotThatSomethingIsDamaged() {
        assertThatThrownBy(() -> opened(Identity.generate()))
                .isInstanceOf(SidecarException.WrongKey.class);
    }

    @Test
    void whoseOwnIsDamagedIsToldWhich() throws Exception {
        String own = damaged();
        assertThatThrownBy(() -> opened(LATER))
                .isInstanceOfSatisfying(
                        FormatException.DigestMismatch.class,
                        it -> assertThat(it.object()).isEqualTo(own));
    }

    @Test
    void aWholeOneIsStoredBesideADamagedOneAndFound() throws Exception {
        String own = damaged();
        assertThat(isThere()).isFalse();
        WrappedKey wrap = stored();
        assertThat(own(wrap)).isNotEqualTo(own);
        assertThat(opened(LATER)).isEqualTo(key.bytes());
    }

    /// Nobody's key is needed to see it.
    @Test
    void whatIsNotWhatItsNameSaysIsRefused() {
        for (String name :
                List.of(
                        prefix + "0000000000000000-0000000000000000.key",
                        prefix + "ffffffffffffffff-ffffffffffffffff.key")) {
            assertThatThrownBy(() -> FurtherWraps.read(store, name))
                    .isInstanceOfSatisfying(
                            FormatException.class, it -> assertThat(it.object()).isEqualTo(name));
        }
    }
}
