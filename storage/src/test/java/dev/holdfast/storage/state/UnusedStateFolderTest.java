package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.WriterId;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a run that was refused leaves of its state folder.
final class UnusedStateFolderTest {
    @TempDir private Path parent;
    private Path folder = Path.of("");

    @BeforeEach
    void nameFolder() {
        folder = parent.resolve("state");
    }

    private static void refuse(StateFolder state) throws IOException {
        if (!Files.exists(state.spool())) {
            Files.createDirectory(state.spool());
        }
        state.closeUnused();
    }

    @Test
    void aNewOneIsRemoved() throws IOException {
        refuse(StateFolder.open(folder));
        assertThat(folder).doesNotExist();
        StateFolder.open(folder).close();
    }

    @Test
    void oneThatWasThereStays() throws IOException {
        StateFolder.open(folder).close();
        refuse(StateFolder.open(folder));
        assertThat(folder.resolve("lock")).exists();
        StateFolder.open(folder).close();
    }

    @Test
    void oneThatKnowsItsWriterStays() throws IOException {
        WriterIdentity identity =
                new WriterIdentity(
                        new ArchiveInfo(new ArchiveId(1, 2), 5),
                        new WriterId(3),
                        Path.of("/srv/agent.db"),
                        List.of("file:/srv/archive"));
        StateFolder state = StateFolder.open(folder);
        state.saveIdentity(identity);
        refuse(state);
        assertThat(StateFolder.readIdentity(folder)).hasValue(identity);
    }

    @Test
    void oneWhoseSpoolHoldsSomethingStaysWhole() throws IOException {
        StateFolder state = StateFolder.open(folder);
        Path captured = Files.createFile(Files.createDirectory(state.spool()).resolve("1.spool"));
        refuse(state);
        assertThat(captured).exists();
        assertThat(folder.resolve("lock")).exists();
    }
}
