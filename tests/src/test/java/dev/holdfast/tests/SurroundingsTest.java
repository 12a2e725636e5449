package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Installation;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Program;
import dev.holdfast.tests.harness.Replication;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a shell does to a command before it runs: limits, descriptors, the umask, names that are no
/// text.
final class SurroundingsTest {
    private static final int USAGE = 2;

    private static final int GOOD = 0;
    private static final int COULD_NOT_LOOK = 2;

    /// Modes of files hold for root, too.
    private static final String WITHOUT_PRIVILEGE =
            "if [ $(id -u) = 0 ]; then exec setpriv"
                    + " --bounding-set=-dac_override,-dac_read_search \"$0\" \"$@\"; fi";

    @TempDir private static Path folder;
    private static String lastImage = "";

    @TempDir private Path scratch;

    @BeforeAll
    static void makeAnArchive() {
        List<LoggedState> states =
                Replication.follow(
                        "run mixed 3", folder.resolve("agent.db"), folder.resolve("archive"));
        lastImage = String.valueOf(states.getLast().image());
    }

    /// Of the archive that is good; exit 1 would be "violated".
    private Holdfast.Finished verify(String limit, String... options) {
        String[] arguments = {"verify", "--from", folder.resolve("archive").toString()};
        return Holdfast.runLimited(
                scratch,
                limit,
                Stream.concat(Stream.of(arguments), Stream.of(options)).toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mkdir gone; cd gone; rmdir ../gone",
                "ulimit -v 300000",
                "ulimit -n 12",
                "export HOLDFAST_JAVA_OPTS=-Xmx1k",
                "export HOLDFAST_JAVA_HOME=/nonexistent"
            })
    void aJavaThatCannotStartIsNoViolatedArchive(String limit) {
        Holdfast.Finished finished = verify(limit);
        assertThat(finished.exit()).as("%s", finished).isEqualTo(COULD_NOT_LOOK);
        assertThat(verify(":").exit()).isEqualTo(GOOD);
    }

    @Test
    void aVerifyThatIsToldToStopEndsWithItsJava() {
        // It waits until somebody removes a file that it makes
        Map<String, String> paused =
                Map.of("HOLDFAST_JAVA_OPTS", "-XX:+UnlockDiagnosticVMOptions -XX:+PauseAtStartup");
        List<String> command =
                List.of(Installation.LAUNCHER.toString(), "verify", "--from", "archive");
        try (Program verify = Program.start("holdfast verify", scratch, paused, command)) {
            ProcessHandle java = javaOf(verify);
            verify.signalUntilItEnds("TERM");
            assertThat(verify.awaitExit()).isEqualTo(COULD_NOT_LOOK);
            assertThat(java.isAlive()).isFalse();
        }
    }

    /// Its report is longer than a pipe takes and nobody reads it, so it would stay at work for
    /// ever.
    @Test
    void aVerifyWhoseLauncherIsKilledEnds() throws Exception {
        String verify =
                "cp -r \"$1\" archive; for i in {1..400}; do printf -v name %0200d $i;"
                        + " >archive/$name; done; mkfifo report; exec 3<>report;"
                        + " exec \"$0\" verify --from archive >report";
        List<String> command =
                List.of(
                        "bash",
                        "-c",
                        verify,
                        Installation.LAUNCHER.toString(),
                        folder.resolve("archive").toString());
        try (Program launcher = Program.start("holdfast verify", scratch, command)) {
            ProcessHandle java = javaOf(launcher);
            try {
                List<String> first = List.of("head", "-c1", "report");
                assertThat(Program.start("head", scratch, first).awaitExit()).isZero();
                launcher.signal("KILL");
                assertThat(java.onExit()).succeedsWithin(Duration.ofMinutes(2));
            } finally {
                boolean _ = java.destroyForcibly();
            }
        }
    }

    private static ProcessHandle javaOf(Program launcher) {
        ProcessHandle itself = ProcessHandle.of(launcher.pid()).orElseThrow();
        while (itself.isAlive()) {
            Optional<ProcessHandle> java =
                    itself.children()
                            .filter(child -> child.info().command().orElse("").endsWith("/java"))
                            .findFirst();
            if (java.isPresent()) {
                return java.get();
            }
        }
        throw new AssertionError("it ended without a Java: " + launcher.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec >/dev/full", "exec >&-"})
    void aReportOfVerifyThatDoesNotArriveIsAnError(String limit) {
        Holdfast.Finished finished = verify(limit);
        assertThat(finished.exit()).as("%s", finished).isEqualTo(COULD_NOT_LOOK);
        assertThat(finished.err("error: ")).contains("standard output");
        finished = verify(limit, "--json");
        assertThat(finished.exit()).isEqualTo(COULD_NOT_LOOK);
        assertThat(Json.parse(finished.err("{")).number("exit")).isEqualTo(COULD_NOT_LOOK);
    }

    @Test
    void aReaderOfVerifyThatGoesAwayDoesNotChangeItsAnswer() {
        assertThat(verify("exec > >(exec true); sleep 0.1").exit()).isEqualTo(GOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restore --from archive -o $'o\\xff.db'",
                "replicate $'bad\\xff.db' --to new",
                "replicate agent.db --to $'new\\xff'",
                "replicate agent.db --to new --state $'state\\xff'",
                "status $'bad\\xff.db'",
                "history --from $'archive\\xff'",
                "verify --from $'archive\\xff'"
            })
    void aNameThatIsNotUtf8IsRefused(String command) throws IOException {
        assertNameRefused("cd %s; set -- %s".formatted(folder, command));
    }

    @Test
    void aPlaceWhoseNameIsNotUtf8IsRefused() throws IOException {
        for (String command :
                List.of(
                        "replicate a.db --to %s/new".formatted(folder),
                        "restore --from archive -o %s/new.db".formatted(folder),
                        "history --from archive",
                        "verify --from archive")) {
            assertNameRefused("mkdir -p $'bad\\xff'; cd $'bad\\xff'; set -- " + command);
        }
        assertNameRefused("ln -s $'bad\\xff/a.db' link.db; set -- replicate link.db --to archive");
    }

    @Test
    void whatNeedsNoPlaceWorksInOneWhoseNameIsNotUtf8() {
        String there = "mkdir -p $'bad\\xff'; cd $'bad\\xff'; set -- ";
        Path back = scratch.resolve("back.db");
        for (String command :
                List.of(
                        "version",
                        "help",
                        "help restore",
                        "verify --from " + folder.resolve("archive"),
                        "status --from file:" + folder.resolve("archive"),
                        "restore --from %s/archive -o %s".formatted(folder, back))) {
            Holdfast.Finished finished = Holdfast.runLimited(scratch, there + command, "-");
            assertThat(finished.exit()).as("%s", finished).isZero();
        }
        assertThat(DatabaseImage.of(back)).isEqualTo(lastImage);
    }

    private void assertNameRefused(String command) throws IOException {
        List<Path> before = names();
        Holdfast.Finished refused = Holdfast.runLimited(scratch, command, "no argument");
        assertThat(refused.exit()).as("%s", refused).isEqualTo(USAGE);
        assertThat(refused.err("error: ")).contains("\ufffd").contains("UTF-8");
        assertThat(refused.err("hint: ")).contains("LC_ALL");
        assertThat(names()).isEqualTo(before);
    }

    private static List<Path> names() throws IOException {
        try (Stream<Path> names = Files.list(folder)) {
            return names.sorted().toList();
        }
    }

    @Test
    void aLocaleThatIsNotThereMakesNoOtherNames() throws IOException {
        Holdfast.Finished finished =
                Holdfast.run(
                        folder,
                        Map.of("LC_ALL", "xx_XX.UTF-8"),
                        "restore",
                        "--from",
                        "archive",
                        "-o",
                        scratch.resolve("Bücher.db").toString());
        assertThat(finished.exit()).as("%s", finished).isEqualTo(USAGE);
        assertThat(finished.err("hint: ")).contains("LC_ALL=C.UTF-8");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void anUmaskThatTakesAllLeavesTheOwnerWhatIsRestored() throws IOException {
        Path out = scratch.resolve("back.db");
        Holdfast.Finished finished =
                Holdfast.runLimited(
                        folder,
                        "umask 777; " + WITHOUT_PRIVILEGE,
                        "restore",
                        "--from",
                        "archive",
                        "-o",
                        out.toString());
        assertThat(finished.exit()).as("%s", finished).isEqualTo(0);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                .isEqualTo("rw-------");
        assertThat(DatabaseImage.of(out)).isEqualTo(lastImage);
        assertThat(out.resolveSibling(".back.db-holdfast")).isReadable();
    }
}
