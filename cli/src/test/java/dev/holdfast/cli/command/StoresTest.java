package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.StorageUnavailable;
import dev.holdfast.storage.ManualClock;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreLocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

final class StoresTest {
    @TempDir private Path folder;

    private final ManualClock clock = new ManualClock();
    private final CountDownLatch stop = new CountDownLatch(1);

    @Test
    void whoWritesAndDoesNotTryAgainRidesOutARestartOfTheStore() throws IOException {
        try (ObjectStore store = Stores.openForWriting(place(), stop, clock)) {
            assertWaits(store, Duration.ofMinutes(1));
        }
    }

    @Test
    void whoShipsAndTriesAgainHearsSoonThatTheStoreIsAway() throws IOException {
        try (ObjectStore store = Stores.openForShipping(place(), stop, clock)) {
            assertWaits(store, Duration.ofSeconds(5));
        }
    }

    private StoreLocation place() {
        return new StoreLocation.Folder(folder.resolve("archive"));
    }

    private void assertWaits(ObjectStore store, Duration wanted) throws IOException {
        assertThat(store.list("", null, 1).entries()).isEmpty();
        Files.move(folder.resolve("archive"), folder.resolve("elsewhere"));
        assertThatThrownBy(() -> store.list("", null, 1)).isInstanceOf(StorageUnavailable.class);
        assertThat(Duration.ofNanos(clock.nanoTime())).isEqualTo(wanted);
    }
}
