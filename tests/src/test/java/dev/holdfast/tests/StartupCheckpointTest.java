package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Row 1 of the acceptance matrix: an application that checkpoints with TRUNCATE at each start,
/// with a busy timeout of 30 s, and waits with the write lock in hand for every reader.
final class StartupCheckpointTest {
    private static final int STARTS = 20;
    private static final double MOST_MILLISECONDS = 200;
    private static final double PINNED_MILLISECONDS = 5_000;

    private static final String START = "open truncate=1 busy_timeout=30000 images=0";

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void aTruncateAtStartTakesNoLongerBesideHoldfast(WriterKind kind) {
        Path database = folder.resolve("agent.db");
        Path archive = folder.resolve("archive");
        try (Writer first = Writer.start(kind, database, 1);
                Writer second = Writer.start(kind, database, 2)) {
            // One of several long-lived processes of the same agent
            first.tell("open images=0");
            first.tell("run mixed 50");
            List<Double> alone = starts(first, second);
            try (Replication replication = Replication.attach(database, archive)) {
                List<Double> followed = starts(first, second);
                assertThat(median(followed))
                        .as("the usual start beside Holdfast %s, alone %s", followed, alone)
                        .isLessThan(median(alone) + MOST_MILLISECONDS);
                // A start that waits for a pin waits out its busy timeout; a busy machine does not
                // take so long
                assertThat(Collections.max(followed))
                        .as("the longest start beside Holdfast %s, alone %s", followed, alone)
                        .isLessThan(Collections.max(alone) + PINNED_MILLISECONDS);
                replication.stop();
            }
            assertThat(new EveryTransaction(archive, folder).count())
                    .as("a base and each of the starts' commits")
                    .isEqualTo(1 + STARTS);
        }
    }

    private static double median(List<Double> times) {
        return times.stream().sorted().toList().get(times.size() / 2);
    }

    /// How long each start took, in milliseconds. One that comes while another checkpoint is at it
    /// is told so at once by SQLite, whoever's that is, and does not wait: it is made again.
    private static List<Double> starts(Writer first, Writer second) {
        List<Double> times = new ArrayList<>();
        int inTheWay = 0;
        for (int i = 0; i < STARTS; i++) {
            first.tell("run chat 1");
            Json opened = second.tell(START);
            while (opened.number("busy") != 0) {
                inTheWay++;
                assertThat(inTheWay).as("checkpoints that were not complete").isLessThan(STARTS);
                second.tell("close");
                opened = second.tell(START);
            }
            times.add(opened.decimal("milliseconds"));
            second.tell("close");
        }
        return times;
    }
}
