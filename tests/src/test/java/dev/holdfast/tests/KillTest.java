package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// SIGKILL of the writer, of Holdfast and of both at random commits: what is restored is what was
/// committed, and nothing that was not. Replayed with `SEED=`.
final class KillTest {
    private static final int ROUNDS = 6;
    private static final long SEED = Long.getLong("seed", 1);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<LoggedState> states = new ArrayList<>();

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void aKilledWriterLosesNothingAndAddsNothing(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("waiting");
            for (int round = 0; round < ROUNDS; round++) {
                writeAndDie(kind, database, round);
            }
            finish(kind, database);
            replication.stop();
        }
        assertThat(new EveryTransaction(archive, folder).equals(states)).isGreaterThan(ROUNDS);
    }

    @ParameterizedTest
    @EnumSource
    void aKilledHoldfastGoesOnWhereItWas(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer writer = Writer.start(kind, database, SEED)) {
            // The WAL keeps what is committed while Holdfast is down
            writer.tell("open wal_autocheckpoint=0");
            for (int round = 0; round < ROUNDS; round++) {
                try (Replication replication = Replication.attach(database, archive)) {
                    if (round == 0) {
                        replication.awaitEvent("durable");
                    }
                    writer.begin("run mixed 30");
                    writer.awaitCommit(writer.last().n() + random.nextInt(1, 30));
                    replication.kill();
                }
                writer.awaitDone("run mixed 30");
                writer.tell("run chat " + random.nextInt(1, 5));
            }
            try (Replication replication = Replication.start(database, archive)) {
                Json following = replication.awaitFollowing();
                assertThat(following.text("continuity")).isEqualTo("wal");
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                    .isGreaterThan(ROUNDS * 30);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothKilledAtOnceLoseNothing(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        for (int round = 0; round < ROUNDS; round++) {
            try (Replication replication = Replication.start(database, archive);
                    Writer writer = Writer.start(kind, database, SEED + round)) {
                open(writer);
                replication.awaitFollowing();
                if (round == 0) {
                    // Before the first snapshot nothing is durable, and so not every commit kept
                    replication.awaitEvent("durable");
                }
                writer.begin("run mixed 1000");
                writer.awaitCommit(writer.last().n() + random.nextInt(1, 30));
                replication.kill();
                writer.kill();
                take(writer);
            }
        }
        try (Replication replication = Replication.attach(database, archive)) {
            finish(kind, database);
            replication.stop();
        }
        assertThat(new EveryTransaction(archive, folder).equals(states)).isGreaterThan(ROUNDS);
    }

    /// Commits for a while, spills a large transaction that is never committed, and is killed.
    private void writeAndDie(WriterKind kind, Path database, int round) {
        try (Writer writer = Writer.start(kind, database, SEED + round)) {
            open(writer);
            writer.tell("run mixed " + random.nextInt(1, 20));
            if (random.nextBoolean()) {
                writer.tell("hang wide 500");
            } else {
                writer.begin("run mixed 1000");
                writer.awaitCommit(writer.last().n() + random.nextInt(1, 20));
            }
            writer.kill();
            take(writer);
        }
    }

    /// The last run, which ends in peace.
    private void finish(WriterKind kind, Path database) {
        try (Writer writer = Writer.start(kind, database, SEED + ROUNDS)) {
            open(writer);
            writer.tell("run mixed 5");
            take(writer);
            writer.exit();
        }
    }

    private static Json open(Writer writer) {
        return writer.tell("open wal_autocheckpoint=0 cache_size=50");
    }

    /// Adds a writer's states. The commit during which the one before was killed may have happened:
    /// what the next one found tells.
    private void take(Writer writer) {
        LoggedState found = writer.found();
        if (!states.isEmpty() && found.n() != states.getLast().n()) {
            assertThat(found.n()).isEqualTo(states.getLast().n() + 1);
            states.add(found);
        }
        states.addAll(writer.states());
    }
}
