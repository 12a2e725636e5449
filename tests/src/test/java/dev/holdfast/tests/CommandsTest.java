package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.IndependentRestore;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What an operator does with an archive: restore, status, history, verify, each as a command. One
/// archive serves all tests; none changes it.
final class CommandsTest {
    private static final int USAGE = 2;
    private static final int LOCAL_FILES = 21;
    private static final int UNAVAILABLE = 30;
    private static final int NO_SUCH_POINT = 41;

    @TempDir private static Path folder;
    private static List<LoggedState> states = List.of();

    @TempDir private Path out;

    @BeforeAll
    static void makeAnArchive() {
        states =
                Replication.follow(
                        "run mixed 30", folder.resolve("agent.db"), folder.resolve("archive"));
    }

    @Test
    void theNewestCommitIsRestoredByDefault() throws IOException {
        Json restored = restore("back.db");
        assertThat(restored.text("outcome")).isEqualTo("restored");
        assertThat(restored.flag("newest")).isTrue();
        assertThat(restored.isNull("state_problem")).isTrue();
        assertThat(DatabaseImage.of(out.resolve("back.db"))).isEqualTo(states.getLast().image());
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(out.resolve("back.db"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aTransactionIsRestoredByItsNumberAndByItsTime() {
        List<Json> commits =
                history().stream().filter(entry -> entry.text("kind").equals("commit")).toList();
        int index = commits.size() - 7;
        long tx = commits.get(index).number("tx");
        String wanted = states.get(states.size() - 7).image();

        restore("by-number.db", "--tx", "" + tx);
        assertThat(DatabaseImage.of(out.resolve("by-number.db"))).isEqualTo(wanted);

        // Exactly then, and any time before the next one
        String time = commits.get(index).text("time");
        assertThat(restore("by-time.db", "--at", time).number("tx")).isEqualTo(tx);
        assertThat(DatabaseImage.of(out.resolve("by-time.db"))).isEqualTo(wanted);
    }

    @Test
    void aTimeAfterTheNewestCommitIsTheNewestAndSaysSo() {
        Holdfast.Finished finished =
                Holdfast.run(
                        folder,
                        "restore",
                        "--from",
                        "archive",
                        "-o",
                        out.resolve("now.db").toString(),
                        "--at",
                        "0s ago");
        assertThat(finished.exit()).isZero();
        assertThat(finished.out().getFirst()).endsWith(" ago) to " + out.resolve("now.db"));
        assertThat(finished.out().get(1))
                .isEqualTo("it is the newest: nothing was committed between it and that time");
        assertThat(finished.err()).isEmpty();
    }

    @Test
    void anotherProgramRestoresTheSame() {
        long newest = status("--from", "archive").object("durable").number("tx");
        for (long tx : new long[] {newest, newest - 10, 1}) {
            Path theirs = out.resolve("theirs-" + tx + ".db");
            IndependentRestore.run(folder.resolve("archive"), theirs, tx);
            restore("ours-" + tx + ".db", "--tx", "" + tx);
            assertThat(DatabaseImage.of(theirs))
                    .isEqualTo(DatabaseImage.of(out.resolve("ours-" + tx + ".db")));
        }
    }

    @Test
    void aPointThatIsNotThereIsRefusedWithTheNearestOnes() {
        long newest = status("--from", "archive").object("durable").number("tx");
        assertRefused(
                NO_SUCH_POINT,
                "there is no transaction " + (newest + 1) + ": the log holds 1 to " + newest,
                "--tx",
                "" + (newest + 1));
        assertRefused(
                NO_SUCH_POINT, "nearest after it: transaction 1", "--at", "2001-01-01T00:00:00Z");
        assertRefused(NO_SUCH_POINT, "future", "--at", "2200-01-01T00:00:00Z");
    }

    @Test
    void whatExistsIsNeverReplaced() throws IOException {
        Path target = out.resolve("back.db");
        Files.writeString(target, "precious");
        assertRefused(LOCAL_FILES, "back.db exists");
        assertThat(restore("back.db", "--if-absent").text("outcome")).isEqualTo("already_there");
        assertThat(target).hasContent("precious");
    }

    @Test
    void strayFilesOfAnOlderDatabaseAreRefused() throws IOException {
        for (String suffix : List.of("-wal", "-shm", "-journal")) {
            Path stray = Files.writeString(out.resolve("back.db" + suffix), "stray");
            assertRefused(LOCAL_FILES, "back.db" + suffix);
            Files.delete(stray);
        }
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void aDryRunWritesNothing() {
        Json planned = restore("back.db", "--dry-run", "--tx", "5");
        assertThat(planned.text("outcome")).isEqualTo("planned");
        assertThat(planned.number("tx")).isEqualTo(5);
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void aFullDiskLeavesNothing() {
        // A limit on the size of files is the disk that everyone can have
        Holdfast.Finished finished =
                Holdfast.runLimited(
                        folder,
                        "ulimit -f 100",
                        "restore",
                        "--from",
                        "archive",
                        "-o",
                        out.resolve("back.db").toString());
        assertThat(finished.exit()).as("%s", finished).isEqualTo(LOCAL_FILES);
        assertThat(finished.err("error: ")).contains("back.db");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void resultsThatDoNotArriveAreAnError() {
        Holdfast.Finished finished =
                Holdfast.runLimited(
                        folder, "exec >/dev/full", "history", "--from", "archive", "--json");
        assertThat(finished.exit()).isEqualTo(LOCAL_FILES);
        assertThat(Json.parse(finished.err("{")).text("error")).contains("standard output");
    }

    @Test
    void historyListsEveryCommitAndCanBeCut() {
        List<Json> all = history();
        assertThat(all).extracting(entry -> entry.text("kind")).contains("base", "snapshot");
        long commits = all.stream().filter(entry -> entry.text("kind").equals("commit")).count();
        assertThat(commits).isEqualTo(states.size());
        assertThat(all)
                .filteredOn(entry -> entry.has("restorable"))
                .allMatch(entry -> entry.flag("restorable"));

        List<Json> newest = history("--limit", "3");
        assertThat(newest).hasSize(3);
        assertThat(newest.getLast().toString()).isEqualTo(all.getLast().toString());

        String from = all.get(10).text("time");
        String to = all.get(15).text("time");
        assertThat(history("--since", from, "--until", to))
                .extracting(Json::toString)
                .isEqualTo(
                        all.stream()
                                .filter(entry -> entry.text("time").compareTo(from) >= 0)
                                .filter(entry -> entry.text("time").compareTo(to) <= 0)
                                .map(Json::toString)
                                .toList());
        assertThat(history("--since", "0s ago")).isEmpty();
    }

    @Test
    void statusTellsWhatTheStoreHasAndWhatWaits() {
        Json ofDatabase = status("agent.db");
        Json ofArchive = status("--from", "archive");
        assertThat(ofArchive.isNull("local")).isTrue();
        assertThat(ofDatabase.object("durable").number("tx"))
                .isEqualTo(ofArchive.object("durable").number("tx"))
                .isEqualTo(ofDatabase.object("local").number("captured_tx"));
        assertThat(ofDatabase.object("local").number("waiting_bytes")).isZero();
        assertThat(ofDatabase.object("local").flag("is_last_writer")).isTrue();
        assertThat(ofArchive.object("newest_restorable").number("tx"))
                .isEqualTo(ofArchive.object("durable").number("tx"));
    }

    @Test
    void statusOfWhatWasNeverFollowedSaysSo() {
        Holdfast.Finished finished = Holdfast.run(folder, "status", "other.db");
        assertThat(finished.exit()).isEqualTo(LOCAL_FILES);
        assertThat(finished.err("error: ")).contains("no replicate has followed other.db");
    }

    @Test
    void anArchiveThatIsNotThereIsNotAnEmptyOne() throws IOException {
        for (List<String> command :
                List.of(
                        List.of("history", "--from"),
                        List.of("status", "--from"),
                        List.of("restore", "-o", "x.db", "--from"))) {
            Holdfast.Finished absent = Holdfast.run(folder, words(command, "nowhere"));
            assertThat(absent.exit()).isEqualTo(UNAVAILABLE);
            assertThat(absent.err("error: ")).contains("nowhere").contains("not there");

            Path empty = Files.createDirectories(out.resolve("empty"));
            Holdfast.Finished none = Holdfast.run(folder, words(command, empty.toString()));
            assertThat(none.exit()).isEqualTo(NO_SUCH_POINT);
            assertThat(none.err("error: ")).contains("no archive at");
        }
        Holdfast.Finished verify = Holdfast.run(folder, "verify", "--from", "nowhere");
        assertThat(verify.exit()).isEqualTo(2);
    }

    @Test
    void namesBeyondAsciiWorkInEveryLocale() {
        for (String locale : List.of("C", "C.UTF-8", "")) {
            Path target = out.resolve("Bücher 漢 " + locale + ".db");
            Holdfast.Finished finished =
                    Holdfast.run(
                            folder,
                            Map.of("LC_ALL", locale),
                            "restore",
                            "--from",
                            "archive",
                            "-o",
                            target.toString());
            assertThat(finished.exit()).as("%s", finished).isZero();
            assertThat(target).exists();
        }
    }

    @Test
    void aStoreOfAnUnknownKindIsRefused() {
        Holdfast.Finished finished =
                Holdfast.run(folder, "replicate", "agent.db", "--to", "ftp://host/x");
        assertThat(finished.exit()).isEqualTo(10);
        assertThat(finished.err("error: ")).contains("ftp");
        assertThat(Holdfast.run(folder, "replicate", "agent.db").exit()).isEqualTo(USAGE);
    }

    private Json restore(String name, String... options) {
        String[] arguments = {"restore", "--from", "archive", "-o", out.resolve(name).toString()};
        return Holdfast.lines(folder, words(List.of(arguments), options)).getFirst();
    }

    private void assertRefused(int exit, String error, String... options) {
        String[] arguments = {
            "restore", "--from", "archive", "-o", out.resolve("back.db").toString()
        };
        Holdfast.Finished finished = Holdfast.run(folder, words(List.of(arguments), options));
        assertThat(finished.exit()).as("%s", finished).isEqualTo(exit);
        assertThat(finished.err("error: ")).contains(error);
        assertThat(finished.err("hint: ")).isNotBlank();
        assertThat(finished.out()).isEmpty();
    }

    private static List<Json> history(String... options) {
        return Holdfast.lines(folder, words(List.of("history", "--from", "archive"), options));
    }

    private static Json status(String... subject) {
        return Holdfast.lines(folder, words(List.of("status"), subject)).getFirst();
    }

    private static String[] words(List<String> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
    }
}
