package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

/// A state folder belongs to one writer at a time.
final class StateFolderLockTest {
    @TempDir Path parent;

    private Path folder() {
        return parent.resolve("state");
    }

    @Test
    void aFolderThatAnotherProcessHasIsRefusedUntilItIsKilled() throws Exception {
        Process other = StateHolder.start(folder());
        try {
            assertThat(StateHolder.answer(other)).isEqualTo(StateHolder.OPEN);
            assertThatThrownBy(() -> StateFolder.open(folder()))
                    .isInstanceOf(SidecarException.Fenced.class);
            assertThatThrownBy(() -> StateFolder.open(folder()))
                    .isInstanceOf(SidecarException.Fenced.class);
        } finally {
            other.destroyForcibly().waitFor();
        }
        try (StateFolder state = StateFolder.open(folder())) {
            assertThat(state.identity()).isEmpty();
        }
    }

    @Test
    void aSecondOpenInThisProcessIsRefusedAndLeavesTheLockAsItIs() throws Exception {
        try (StateFolder state = StateFolder.open(folder())) {
            assertThatThrownBy(() -> StateFolder.open(folder()))
                    .isInstanceOfSatisfying(
                            SidecarException.Fenced.class,
                            e -> assertThat(e.remedy()).contains("--to", "--state"));
            Path sameFolder = parent.resolve("link");
            Files.createSymbolicLink(sameFolder, folder());
            assertThatThrownBy(() -> StateFolder.open(sameFolder))
                    .isInstanceOf(SidecarException.Fenced.class);
            Process other = StateHolder.start(state.path());
            try {
                assertThat(StateHolder.answer(other)).isEqualTo(StateHolder.REFUSED);
            } finally {
                other.destroyForcibly().waitFor();
            }
        }
        StateFolder.open(folder()).close();
    }
}
