package dev.holdfast.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.restore.RestoreOutcome;
import dev.holdfast.restore.RestoreProgress;
import dev.holdfast.restore.RestoreRequest;
import dev.holdfast.restore.Restorer;
import dev.holdfast.restore.Target;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// A folder in which states of an archive are restored by the library, looked at, and removed. The
/// command is tested by itself.
public final class Scratch {
    private final Opening archive;
    private final Path folder;
    private final List<Identity> identities;

    /// How the archive's store is opened.
    @FunctionalInterface
    public interface Opening {
        ObjectStore open() throws IOException;
    }

    public Scratch(Path archive, Path folder) {
        this(archive, folder, List.of());
    }

    /// The same for a reader of what is encrypted.
    public Scratch(Path archive, Path folder, List<Identity> identities) {
        this(() -> FileObjectStore.openForReading(archive), folder, identities);
    }

    /// With an archive anywhere.
    public Scratch(Opening archive, Path folder, List<Identity> identities) {
        this.archive = archive;
        this.folder = folder;
        this.identities = List.copyOf(identities);
    }

    /// Restores a transaction.
    public Path restore(long tx) {
        return restore(new Target.AtTx(tx), "tx-" + tx + ".db");
    }

    /// Restores the newest transaction.
    public Path restoreNewest() {
        return restore(new Target.Latest(), "newest.db");
    }

    private Path restore(Target target, String name) {
        Path out = folder.resolve(name);
        remove(out);
        try (ObjectStore store = archive.open()) {
            Restorer restorer =
                    new Restorer(
                            store,
                            InstantSource.system(),
                            RestoreProgress.NONE,
                            new CountDownLatch(1),
                            identities);
            assertThat(restorer.restore(RestoreRequest.of(target, out)))
                    .isInstanceOf(RestoreOutcome.Restored.class);
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Removes a restored database and the state beside it.
    public void remove(Path database) {
        try {
            Files.deleteIfExists(database);
            Path state = folder.resolve("." + database.getFileName() + "-holdfast");
            if (Files.isDirectory(state)) {
                for (String name : new String[] {"lock", "pages"}) {
                    Files.deleteIfExists(state.resolve(name));
                }
                Files.delete(state);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
