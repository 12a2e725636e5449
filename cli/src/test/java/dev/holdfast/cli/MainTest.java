package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.command.Surroundings;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

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

    private void assertRefused(String error, String hint, String... args) {
        assertThat(run(args)).isEqualTo(2);
        assertThat(err()).contains(error).contains(hint);
        assertThat(out()).isEmpty();
    }

    private int run(String... args) {
        return Main.run(
                args,
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC),
                        () -> 0,
                        (_, _) -> {}));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
