package dev.holdfast.replicator;

import dev.holdfast.storage.ObjectStore;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;

/// What tests of destinations have in common: an application whose commits a seed gives, followed
/// into stores of the test's.
abstract class FollowedApplication {
    private final long seed = Long.getLong("seed", System.nanoTime());

    @TempDir private Path folder;

    @BeforeEach
    final void printSeed() {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
    }

    final Path folder() {
        return folder;
    }

    final Path database() {
        return folder.resolve("app.db");
    }

    final FollowerOptions options() {
        return FollowedDatabase.options(database());
    }

    final FollowedDatabase start(ObjectStore... stores) {
        return FollowedDatabase.start(options(), stores);
    }

    /// For a run that can't ship all.
    final FollowedDatabase startInHaste(ObjectStore... stores) {
        return FollowedDatabase.start(
                FollowedDatabase.withGrace(Duration.ofMillis(500), options()), stores);
    }

    final Application application() {
        return Application.withCommits(database(), seed);
    }
}
