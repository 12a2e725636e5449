package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.EveryTransaction;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.WalFrames;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Permission to the folders that Holdfast lives from is taken away while an application writes,
/// and given back.
final class PermissionTest {
    /// Root without what sets it above the modes of files. They hold for everyone else.
    private static final String WITHOUT_PRIVILEGE =
            "if [ $(id -u) != 0 ]; then %1$s; fi;"
                    + " exec setpriv --bounding-set=-dac_override,-dac_read_search bash -c '%1$s'"
                    + " \"$0\" \"$1\" \"$2\"";

    private static final String ALL = "rwx------";
    private static final String NONE = "---------";
    private static final String READ_ONLY = "r-x------";

    /// Of random bytes, 4 KB each, and the next segment needs another file.
    private static final int PAGES_OF_A_SPOOL_FILE = 9_000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir private Path folder;

    private Path database;
    private Path archive;

    @BeforeEach
    void name() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        database = Files.createDirectory(folder.resolve("app")).resolve("agent.db");
        archive = folder.resolve("archive");
    }

    private Replication start(Writer writer) {
        return start(writer, WITHOUT_PRIVILEGE);
    }

    private Replication start(Writer writer, String command) {
        Replication replication = Replication.startBy(command, database, archive);
        replication.awaitEvent("waiting");
        // All stays in the WAL
        writer.tell("open wal_autocheckpoint=0");
        replication.awaitEvent("durable");
        return replication;
    }

    @Test
    void toTheArchiveTakenAwayIsToldAndNothingIsCalledDurableMeanwhile() throws IOException {
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed);
                Replication replication = start(writer)) {
            for (Loss loss :
                    shuffled(
                            new Loss(archive, NONE),
                            new Loss(archive.resolve("log"), NONE),
                            new Loss(archive.resolve("log"), READ_ONLY))) {
                writer.tell("run mixed 3");
                replication.awaitDurable(writer.last().n());
                set(loss.folder, loss.left);
                // The base may be one more
                long mostDurable = writer.last().n() + 1;
                writer.tell("run mixed " + (5 + random.nextInt(20)));
                Json troubled = replication.awaitEvent("troubled");
                assertThat(troubled.text("error")).contains("log/").contains("permission denied");
                assertThat(troubled.text("hint")).contains(archive.toString());
                assertThat(replication.events())
                        .filteredOn(event -> event.text("event").equals("durable"))
                        .allSatisfy(event ->
                                assertThat(event.number("tx")).isLessThanOrEqualTo(mostDurable));
                set(loss.folder, ALL);
                replication.awaitEvent("recovered");
            }
            replication.stop();
            assertAllIsThere(writer);
        }
    }

    @Test
    void toStateSpoolAndDatabaseTakenAwayAndGivenBackLosesNothing() throws IOException {
        Path state = database.resolveSibling(".agent.db-holdfast");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed);
                Replication replication = start(writer)) {
            long waiting = waitingCount(replication);
            for (Loss loss :
                    shuffled(
                            new Loss(state, NONE),
                            new Loss(state, READ_ONLY),
                            new Loss(state.resolve("spool"), NONE),
                            new Loss(state.resolve("spool"), READ_ONLY),
                            new Loss(database.resolveSibling(""), NONE),
                            new Loss(database.resolveSibling(""), READ_ONLY))) {
                set(loss.folder, loss.left);
                writer.tell("run mixed " + (1 + random.nextInt(5)));
                if (loss.left.equals(NONE) && loss.folder.equals(database.getParent())) {
                    Json troubled = replication.awaitEvent("troubled");
                    assertThat(troubled.text("error"))
                            .contains(database.toString())
                            .contains("permission denied");
                    assertThat(troubled.text("hint")).contains("permissions");
                    writer.tell("run mixed " + (1 + random.nextInt(5)));
                }
                set(loss.folder, ALL);
                writer.tell("run mixed 1");
                replication.awaitDurable(writer.last().n());
            }
            replication.stop();
            assertThat(waitingCount(replication))
                    .as("the database is there all the time")
                    .isEqualTo(waiting);
            assertAllIsThere(writer);
        }
    }

    /// What it has open it can go on with; a file of the spool is open, and then it is full.
    @Test
    void toTheSpoolTakenAwayIsToldWhenItNeedsANewFileAndLosesNothing() throws IOException {
        Path spool = database.resolveSibling(".agent.db-holdfast").resolve("spool");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed);
                Replication replication = start(writer)) {
            for (String left : List.of(NONE, READ_ONLY)) {
                writer.tell("run wide 1 " + PAGES_OF_A_SPOOL_FILE);
                replication.awaitDurable(writer.last().n());
                set(spool, left);
                // The base may be one more
                long mostDurable = writer.last().n() + 1;
                writer.tell("run mixed " + (1 + random.nextInt(5)));
                Json troubled = replication.awaitEvent("troubled");
                assertThat(troubled.text("error"))
                        .contains(spool.toString())
                        .contains("permission denied");
                assertThat(troubled.text("hint")).contains("permissions");
                writer.tell("run mixed " + (1 + random.nextInt(5)));
                assertThat(replication.events())
                        .filteredOn(event -> event.text("event").equals("durable"))
                        .allSatisfy(event ->
                                assertThat(event.number("tx")).isLessThanOrEqualTo(mostDurable));
                set(spool, ALL);
                replication.awaitDurable(writer.last().n());
                replication.awaitEvent("recovered");
            }
            replication.stop();
            assertAllIsThere(writer);
        }
    }

    /// Who has it open needs no path to it, and may begin the WAL anew meanwhile.
    @Test
    void toTheFolderOfTheDatabaseTakenAwayIsNoGapWhateverBecomesOfTheWal() throws IOException {
        String stateElsewhere = "%1$s --state " + folder.resolve("state");
        Path wal = database.resolveSibling("agent.db-wal");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, seed);
                Replication replication =
                        start(writer, WITHOUT_PRIVILEGE.replace("%1$s", stateElsewhere))) {
            writer.tell("run mixed 3");
            replication.awaitDurable(writer.last().n());
            WalFrames before = WalFrames.of(wal);
            set(database.resolveSibling(""), NONE);
            Json troubled = replication.awaitEvent("troubled");
            assertThat(troubled.text("error"))
                    .contains(database.toString())
                    .contains("permission denied");
            assertThat(troubled.text("hint")).contains("permissions");
            for (int i = 0; i < 3; i++) {
                writer.tell("run mixed " + (1 + random.nextInt(5)));
                beginWalAnew(writer);
            }
            writer.tell("run mixed 1");
            replication.awaitDurable(writer.last().n());
            set(database.resolveSibling(""), ALL);
            assertThat(WalFrames.of(wal).isOfSameGeneration(before)).isFalse();
            writer.tell("run mixed 1");
            replication.awaitEvent("recovered");
            replication.stop();
            assertThat(replication.events())
                    .filteredOn(event -> event.text("event").equals("following"))
                    .as("history goes on")
                    .hasSize(1);
            assertAllIsThere(writer);
        }
    }

    private static void beginWalAnew(Writer writer) {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (writer.tell("checkpoint TRUNCATE").number("busy") != 0) {
            assertThat(System.nanoTime()).as("the WAL is cut off").isLessThan(deadline);
        }
    }

    private static long waitingCount(Replication replication) {
        return replication.events().stream()
                .filter(event -> event.text("event").equals("waiting"))
                .count();
    }

    /// @param left what is left of the permission
    private record Loss(Path folder, String left) {}

    private List<Loss> shuffled(Loss... losses) {
        List<Loss> all = new ArrayList<>(List.of(losses));
        Collections.shuffle(all, random);
        return all;
    }

    private static void set(Path folder, String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    /// Each commit but the first, which may be part of what history begins with; one in three is
    /// restored.
    private void assertAllIsThere(Writer writer) {
        EveryTransaction shipped = new EveryTransaction(archive, folder);
        assertThat(shipped.equals(writer.states(), 3)).isPositive();
        assertThat(shipped.count()).isGreaterThanOrEqualTo(writer.states().size());
    }
}
