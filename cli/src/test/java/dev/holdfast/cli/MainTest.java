package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void tellsItsVersion() {
        assertThat(run("version")).isZero();
        assertThat(out()).startsWith("holdfast ").contains("(Java 25");
        assertThat(err()).isEmpty();
    }

    @Test
    void tellsItsVersionToPrograms() {
        assertThat(run("version", "--json")).isZero();
        assertThat(out()).matches("\\{\"version\":\"[^\"]+\",\"java\":\"25[^\"]*\"}\n");
    }

    @Test
    void helpNamesTheCommands() {
        assertThat(run("help")).isZero();
        assertThat(out()).contains("Usage: holdfast").contains("version");
    }

    @Test
    void everyCommandHasHelp() {
        assertThat(run("version", "--help")).isZero();
        assertThat(out()).contains("Usage: holdfast version").contains("--json");
    }

    @Test
    void noCommandIsAMistake() {
        assertRefused("error: holdfast: ", "hint: Run holdfast help for the commands.\n");
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearest() {
        assertRefused(
                "error: holdfast: found \"vesrion\", wanted a command\n",
                "hint: Did you mean version? Run holdfast help for the commands.\n",
                "vesrion");
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearest() {
        assertRefused(
                "error: holdfast version: found --jsno, which is not an option of it\n",
                "hint: Did you mean --json? Run holdfast help version for what it takes.\n",
                "version",
                "--jsno");
    }

    @Test
    void whatIsNearToNothingGetsNoGuess() {
        assertRefused(
                "found \"xyzzy-plugh\", wanted a command\n",
                "hint: Run holdfast help for the commands.\n",
                "xyzzy-plugh");
    }

    @Test
    void anArgumentTooManyIsRefused() {
        assertRefused("found \"x\" after all that it takes", "hint: ", "version", "x");
    }

    @Test
    void aValueOfTheWrongKindIsRefusedWithTheRightOne() {
        assertRefused(
                "holdfast restore, --tx N: found \"x\", wanted a whole number",
                "hint: Run holdfast help restore",
                "restore --from a -o b --tx x".split(" "));
        assertRefused(
                "holdfast replicate, --codec zstd|lz4: found \"zip\", wanted zstd or lz4",
                "hint: ",
                "replicate a --to b --codec zip".split(" "));
        assertRefused(
                "holdfast replicate, --spool-full keep|rebase: found \"drop\", wanted keep or"
                        + " rebase",
                "hint: ",
                "replicate a --to b --spool-full drop".split(" "));
        assertRefused(
                "holdfast replicate, --spool-limit SIZE: found \"5\", wanted a size",
                "hint: Write a whole number and a unit",
                "replicate a --to b --spool-limit 5".split(" "));
        assertRefused(
                "holdfast replicate, --grace TIME: found \"30\", wanted a duration with its unit",
                "hint: Write 30s",
                "replicate a --to b --grace 30".split(" "));
        assertRefused(
                "holdfast restore, --out OUT: found an empty name, wanted a path",
                "hint: ",
                "restore",
                "--from",
                "a",
                "-o",
                "");
    }

    @Test
    void aTimeThatTheShellTookApartIsRefusedWithQuotes() {
        assertRefused(
                "holdfast restore, --at TIME: found \"10m\", a duration, wanted a time",
                "hint: Write \"10m ago\", in quotes.",
                "restore --from a -o b --at 10m ago".split(" "));
    }

    @Test
    void whatExcludesEachOtherIsRefused() {
        assertRefused(
                "mutually exclusive",
                "hint: Run holdfast help restore",
                "restore --from a -o b --tx 1 --at 2026-03-01T12:00:00Z".split(" "));
        assertRefused("DB or --from ARCHIVE is missing", "hint: ", "status");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertRefused("--to ARCHIVE is missing", "hint: ", "replicate", "agent.db");
        assertRefused("--to ARCHIVE and DB are missing", "hint: ", "replicate");
    }

    @Test
    void aRestoreIntoTheArchiveIsRefused(@TempDir Path archive) throws IOException {
        Path log = Files.createDirectory(archive.resolve("log"));
        for (Path folder : List.of(archive, log, log.resolve(".."))) {
            assertRefused(
                    "lies in the archive",
                    "hint: Restore",
                    "restore",
                    "--from",
                    archive.toString(),
                    "-o",
                    folder.resolve("back.db").toString());
        }
    }

    @Test
    void aStateFolderThatNamesItsArchiveAsNoUrlIsNotGuessedAt(@TempDir Path folder) {
        Path database = folder.resolve("agent.db");
        try (StateFolder state = StateFolder.open(StateFolder.beside(database))) {
            state.saveIdentity(
                    new WriterIdentity(
                            new ArchiveInfo(new ArchiveId(1, 2), 5),
                            new WriterId(3),
                            database,
                            List.of("file:/srv/my archive")));
        }
        assertThat(run("status", database.toString())).isEqualTo(21);
        assertThat(err())
                .contains("found file:/srv/my archive")
                .contains("hint: Start replicate once, which writes the name anew; or");
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertRefused("--tx: found 0", "hint: ", "restore --from a -o b --tx 0".split(" "));
        assertRefused("--limit: found 0", "hint: ", "history --from a --limit 0".split(" "));
        assertRefused("--rto: found 0", "hint: ", "replicate a --to b --rto 0s".split(" "));
        assertRefused(
                "--until: found 2026-03-01T10:00:00.000000Z, which is before --since",
                "hint: Exchange the two.",
                "history --from a --since 1h\u00a0ago --until 2h\u00a0ago"
                        .replace(" ", "\n")
                        .replace('\u00a0', ' ')
                        .split("\n"));
    }

    @Test
    void verifyHasItsOwnExitCodes() {
        assertThat(run("verify", "--from", "/nonexistent/archive")).isEqualTo(2);
        assertThat(err()).contains("error: /nonexistent/archive").contains("hint: ");
        assertThat(run("history", "--from", "/nonexistent/archive")).isEqualTo(30);
    }

    @Test
    void errorsAreJsonWhenAskedFor() {
        assertThat(run("version", "--json", "--jsno")).isEqualTo(2);
        assertThat(err())
                .isEqualTo(
                        "{\"error\":\"holdfast version: found --jsno, which is not an option of"
                                + " it\",\"hint\":\"Did you mean --json? Run holdfast help version"
                                + " for what it takes.\",\"exit\":2}\n");
    }

    @Test
    void anErrorCannotTalkToTheTerminal() {
        assertThat(run("\u001b[2J\n\u009b")).isEqualTo(2);
        assertThat(err()).contains("found \"\ufffd[2J\ufffd\ufffd\"");
    }

    @Test
    void aNumberThatIsTooLargeIsRefusedWithItsRange() {
        assertRefused(
                "--limit N: found \"99999999999\", wanted a whole number from 1 to 2147483647",
                "hint: ",
                "history --from a --limit 99999999999".split(" "));
        assertRefused(
                "--tx N: found \"9223372036854775808\", wanted a whole number from 1 to"
                        + " 9223372036854775807",
                "hint: ",
                "restore --from a -o b --tx 9223372036854775808".split(" "));
    }

    @Test
    void aNameThatJavaCouldNotReadIsRefusedWhereverItStands() {
        for (String command :
                List.of(
                        "replicate bad\ufffd.db --to a",
                        "replicate a.db --to bad\ufffd",
                        "replicate a.db --to a --state bad\ufffd",
                        "restore --from bad\ufffd -o b.db",
                        "restore --from a --out=bad\ufffd.db",
                        "status bad\ufffd.db",
                        "verify --from bad\ufffd")) {
            assertRefused("bad\ufffd", "hint: Set LC_ALL=C.UTF-8; ", command.split(" "));
        }
    }

    private void assertRefused(String error, String hint, String... args) {
        assertThat(run(args)).isEqualTo(2);
        assertThat(err()).contains(error).contains(hint);
        assertThat(out()).isEmpty();
        err.reset();
    }

    private int run(String... args) {
        return Main.run(
                args,
                StillSurroundings.of(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
