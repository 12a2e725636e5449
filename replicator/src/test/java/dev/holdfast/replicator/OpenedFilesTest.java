package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

final class OpenedFilesTest {
    @TempDir private Path scratch;

    private interface Check {
        void run(Path database, LiveDatabase live) throws Exception;
    }

    private void opened(Check check) throws Exception {
        Path database =
                Files.createDirectory(scratch.toRealPath().resolve("app")).resolve("app.db");
        try (Application _ = Application.withCommits(database, 1);
                LiveDatabase live = LiveDatabase.open(database).orElseThrow()) {
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Kept.class);
            check.run(database, live);
        }
    }

    @Test
    void aDatabaseThatIsMovedAwayOrReplacedIsLost() throws Exception {
        opened((database, live) -> {
            Path away = Files.move(database, database.resolveSibling("away.db"));
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Lost.class);
            Files.writeString(database, "another file");
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Lost.class);
            Files.move(away, database, StandardCopyOption.REPLACE_EXISTING);
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Kept.class);
        });
    }

    /// As under a folder that may not be searched, which root always may.
    @Test
    void oneThatCantBeLookedAtIsNotLostAndNothingIsCopiedBackMeanwhile() throws Exception {
        opened((database, live) -> {
            Path folder = database.resolveSibling("");
            Path away = Files.move(folder, scratch.resolve("away"));
            Files.createSymbolicLink(folder, folder);
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Unknown.class);
            assertThat(live.files().stampInPlace(oracle(live))).isEmpty();
            assertThat(live.checkpointPassively()).isFalse();
            assertThat(live.emptyWal()).isFalse();
            assertThat(oracle(live).isBackfilled()).isFalse();
            Files.delete(folder);
            Files.move(away, folder);
            assertThat(live.files().place()).isInstanceOf(OpenedFiles.Place.Kept.class);
            assertThat(live.checkpointPassively()).isTrue();
            assertThat(oracle(live).isBackfilled()).isTrue();
        });
    }

    private static WalIndexHeader oracle(LiveDatabase live) throws IOException {
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)) {
            return found;
        }
        throw new AssertionError("the wal-index is not whole");
    }
}
