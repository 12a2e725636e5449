package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the guard does in place of a pin while Holdfast steps aside.
final class StandGuardTest {
    @TempDir private Path folder;

    @Test
    void underTheGuardAllIsCopiedBackAndNothingIsReset() throws Exception {
        Path database = folder.resolve("app.db");
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            application.tell("sql PRAGMA busy_timeout=0");
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                WalIndexHeader before = oracle(live);
                assertThat(before.isBackfilled()).isFalse();
                application.tell("fast 3");
                // The pin is on an older mark, and keeps what came after it from being copied back
                application.tell("passive");
                assertThat(oracle(live).isBackfilled()).isFalse();

                assertThat(live.standGuard()).isTrue();
                application.tell("passive");
                assertThat(oracle(live).isBackfilled()).isTrue();
                application.tell("sql PRAGMA wal_checkpoint(TRUNCATE)");
                application.tell("fast 3");
                application.tell("sql PRAGMA wal_checkpoint(RESTART)");
                application.tell("fast 3");
                assertThat(oracle(live).end().sameGeneration(before.end())).isTrue();
                assertThat(oracle(live).maxFrame()).isGreaterThan(before.maxFrame());

                assertThat(live.take()).isTrue();
                live.letGoOlder();
                application.tell("sql PRAGMA wal_checkpoint(PASSIVE)");
                assertThat(live.take()).isTrue();
                live.letGoOlder();
                application.tell("fast 1");
                assertThat(oracle(live).end().sameGeneration(before.end()))
                        .as("whether the WAL is the same once the guard has gone")
                        .isFalse();
            }
        }
    }

    @Test
    void noGuardStandsWhereEverySlotHasAMark() throws Exception {
        Path database = folder.resolve("app.db");
        List<SqliteConnection> readers = new ArrayList<>();
        try (Application application = Application.start(database, 1)) {
            application.tell("create 4096 0");
            application.tell("run 5");
            try (LiveDatabase live = LiveDatabase.open(database.toRealPath()).orElseThrow()) {
                WalIndexHeader before = oracle(live);
                for (int i = 0; i < 3; i++) {
                    application.tell("fast 1");
                    SqliteConnection reader = SqliteConnection.open(database).orElseThrow();
                    readers.add(reader);
                    assertThat(reader.take()).isTrue();
                }
                assertThat(live.standGuard()).isFalse();
                for (SqliteConnection reader : readers) {
                    reader.letGo();
                }
                // The pin is where it was
                application.tell("passive");
                application.tell("fast 1");
                assertThat(oracle(live).end().sameGeneration(before.end())).isTrue();
            } finally {
                for (SqliteConnection reader : readers) {
                    reader.close();
                }
            }
        }
    }

    private static WalIndexHeader oracle(LiveDatabase live) throws IOException {
        if (live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)) {
            return found;
        }
        throw new AssertionError("the wal-index is not whole");
    }
}
