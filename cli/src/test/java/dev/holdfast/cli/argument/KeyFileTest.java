package dev.holdfast.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CrashingFiles;
import dev.holdfast.storage.seal.Identity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/// Files of keys, without which nobody reads an archive.
final class KeyFileTest {
    private static final int ROUNDS = 40;

    @TempDir private Path folder;

    @Test
    void whatWasGeneratedSurvivesALossOfPower() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            Path before = Files.createDirectory(folder.resolve("before-" + round));
            Path after = Files.createDirectory(folder.resolve("after-" + round));
            CrashingFiles files = new CrashingFiles(before, Integer.MAX_VALUE);
            Identity identity = Identity.generate();
            KeyFile.create(before.resolve("a.key"), identity, Instant.EPOCH, files);
            files.crash(new SplittableRandom(round), after);
            assertThat(KeyFile.identities(after.resolve("a.key")))
                    .as("round %d", round)
                    .extracting(Identity::recipient)
                    .containsExactly(identity.recipient());
        }
    }

    @Test
    void aSecretInPlaceOfItsFileIsNotRepeated() {
        String secret = Identity.generate().secret();
        for (Path file : List.of(Path.of(secret), folder.resolve(secret))) {
            assertThatThrownBy(() -> KeyFile.identities(file))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageContaining("found an identity itself")
                    .hasMessageNotContaining(secret);
            assertThatThrownBy(() -> KeyFile.recipients(file))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessageNotContaining(secret);
        }
    }

    @Test
    void aRecipientThatIsNoneIsToldByItsOptionAndShowsNoSecret() {
        assertThatThrownBy(() -> KeyFile.recipientOption("age1foo"))
                .isInstanceOf(SidecarException.BadUsage.class)
                .hasMessage("--recipient: found age1foo, wanted a recipient, age1…");
        for (String other : List.of("foo", "", Identity.generate().secret())) {
            assertThatThrownBy(() -> KeyFile.recipientOption(other))
                    .isInstanceOf(SidecarException.BadUsage.class)
                    .hasMessage("--recipient: found something else, wanted a recipient, age1…");
        }
    }

    /// The point 0: each secret that is agreed on with it is the same.
    @Test
    void aRecipientForWhomNothingCanBeEncryptedIsRefused() {
        String zero = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
        assertThatThrownBy(() -> KeyFile.recipient(zero))
                .isInstanceOf(SidecarException.BadUsage.class);
    }
}
