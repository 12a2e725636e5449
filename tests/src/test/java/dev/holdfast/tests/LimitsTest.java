package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Program;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;

/// What the kernel grants a process or a user can be used up: descriptors, inotify.
final class LimitsTest {

    @TempDir private Path folder;

    private Path database;
    private Path archive;

    @BeforeEach
    void name() {
        database = folder.resolve("agent.db");
        archive = folder.resolve("archive");
    }

    /// Each of the two limits by itself: the one fails at the start, the other at the first rest.
    @ParameterizedTest
    @ValueSource(strings = {"max_inotify_instances", "max_inotify_watches"})
    void withoutInotifyIsToldAndEveryCommitIsShipped(String limit) {
        String none = "echo 0 > /proc/sys/user/" + limit;
        assumeTrue(
                run("unshare", "-Ur", "sh", "-c", none),
                "SKIPPED: inotify used up is not tested, as this user may not limit it");
        String limited = "exec unshare -Ur sh -c '" + none + "; %s' \"$0\" \"$1\" \"$2\"";
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Replication replication = Replication.startBy(limited, database, archive)) {
            replication.awaitEvent("waiting");
            writer.tell("open");
            writer.tell("run mixed 5");
            replication.awaitDurable(writer.last().n());
            replication.awaitErr("event=polling");
            writer.tell("run mixed 1");
            replication.awaitDurable(writer.last().n());
            writer.tell("run mixed 5 0 20");
            replication.stop();
            assertAllIsThere(writer);
        }
    }

    @Test
    void withoutDescriptorsIsToldAndAllIsShippedOnceThereAreSome() {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1);
                Replication replication = Replication.start(database, archive)) {
            replication.awaitEvent("waiting");
            writer.tell("open");
            replication.awaitEvent("durable");
            String process = "--pid=" + replication.pid();
            assertThat(run("prlimit", process, "--nofile=3:")).isTrue();
            writer.tell("run mixed 20");
            Json troubled = replication.awaitEvent("troubled");
            assertThat(troubled.text("error")).contains("Too many open files");
            assertThat(run("prlimit", process, "--nofile=1024:")).isTrue();
            writer.tell("run mixed 5");
            replication.stop();
            assertAllIsThere(writer);
        }
    }

    /// Each commit but the first, which may be part of what history begins with.
    private void assertAllIsThere(Writer writer) {
        assertThat(new EveryTransaction(archive, folder).equals(writer.states()))
                .isGreaterThanOrEqualTo(writer.states().size() - 1);
    }

    private static boolean run(String... command) {
        try (Program program = Program.start(command[0], Path.of("/"), List.of(command))) {
            return program.awaitExit() == 0;
        }
    }
}
