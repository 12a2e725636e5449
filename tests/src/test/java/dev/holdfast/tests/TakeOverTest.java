package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Scratch;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An archive changes hands while its writer is at work: whoever takes it over gets it, the other
/// is told so, and what either called durable stays restorable.
final class TakeOverTest {
    private static final int FENCED = 50;
    private static final int TURNS = 5;

    /// Of a writer's turn, before the archive is taken from it.
    private static final int COMMITS_A_TURN = 60;

    private static final int RESTORES_A_TURN = 6;

    @TempDir private Path folder;

    /// One machine: its own copy of the application, and what Holdfast keeps beside it.
    private record Machine(Path database, Writer writer) {
        static Machine busy(Path folder, long seed) throws IOException {
            Path database = Files.createDirectory(folder).resolve("agent.db");
            Writer writer = Writer.start(WriterKind.PYTHON, database, seed);
            writer.tell("open");
            // A history may begin with what the file holds, and the WAL's commits on top of it:
            // that
            // is to be a state that the writer has logged
            writer.tell("run touch 1");
            writer.tell("checkpoint TRUNCATE");
            writer.begin("run touch 1000000 0 5");
            return new Machine(database, writer);
        }
    }

    @Test
    void anArchiveIsTakenOverFromAWriterThatNeverRests() throws IOException {
        Path archive = folder.resolve("archive");
        Machine here = Machine.busy(folder.resolve("here"), 1);
        Machine there = Machine.busy(folder.resolve("there"), 2);
        List<Machine> machines = List.of(here, there);
        List<List<Long>> durable = new ArrayList<>();
        try (Writer _ = here.writer();
                Writer _ = there.writer()) {
            Replication owner = Replication.attach(here.database(), archive);
            try {
                write(owner);
                for (int turn = 1; turn < TURNS; turn++) {
                    Path next = machines.get(turn % 2).database();
                    try (Replication before = owner) {
                        owner = Replication.attach(next, archive, "--take-over");
                        Holdfast.Finished fenced = before.awaitEnd();
                        assertThat(fenced.exit()).as("turn %d", turn).isEqualTo(FENCED);
                        assertThat(fenced.err("error: ")).contains("writer ").contains("archive");
                        durable.add(durable(before));
                    }
                    write(owner);
                }
                owner.stop();
                durable.add(durable(owner));
            } finally {
                owner.close();
            }
            here.writer().kill();
            there.writer().kill();
        }
        for (int turn = 0; turn < TURNS; turn++) {
            assertRestorable(archive, durable.get(turn), machines.get(turn % 2).writer());
        }
        Holdfast.assertGood(archive);
    }

    private static void write(Replication owner) {
        owner.awaitDurable(base(owner) + COMMITS_A_TURN);
    }

    /// The transaction with which its history begins.
    private static long base(Replication replication) {
        return events(replication, "following").findFirst().orElseThrow().number("tx");
    }

    /// What it called durable of its own history, in order.
    private static List<Long> durable(Replication replication) {
        long base = base(replication);
        return events(replication, "durable")
                .map(event -> event.number("tx"))
                .filter(tx -> tx >= base)
                .toList();
    }

    private static Stream<Json> events(Replication replication, String kind) {
        return replication.events().stream().filter(event -> event.text("event").equals(kind));
    }

    /// The last that was called durable in a turn, some before it and the first: each what the
    /// writer had committed, and as many commits apart.
    private void assertRestorable(Path archive, List<Long> durable, Writer writer) {
        Map<String, Long> images =
                writer.states().stream()
                        .collect(
                                Collectors.toMap(
                                        state -> Objects.requireNonNull(state.image()),
                                        LoggedState::n,
                                        (first, _) -> first));
        Scratch scratch = new Scratch(archive, folder);
        long last = durable.getLast();
        long lastN = 0;
        long stride = Math.max(1, (last - durable.getFirst()) / RESTORES_A_TURN);
        for (long tx = last; tx >= durable.getFirst(); tx -= stride) {
            Path restored = scratch.restore(tx);
            Long n = images.get(DatabaseImage.of(restored));
            if (n == null) {
                throw new AssertionError("transaction " + tx + " is none of the writer's states");
            }
            lastN = tx == last ? n : lastN;
            assertThat(lastN - n).as("commits before %d", last).isEqualTo(last - tx);
            scratch.remove(restored);
        }
        Path first = scratch.restore(durable.getFirst());
        assertThat(images).containsKey(DatabaseImage.of(first));
        scratch.remove(first);
    }
}
