package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.seal.Identity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// `config check` of what a start would refuse: too many recipients, files that can't be read.
final class ConfigCheckTest {
    @TempDir private Path folder;

    private record Finished(int exit, List<String> out, List<String> err) {}

    private Finished config(String command, String... lines) throws IOException {
        Path file =
                Files.writeString(folder.resolve("holdfast.yml"), String.join("\n", lines) + "\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit =
                Main.run(
                        new String[] {"config", command, "--config", file.toString()},
                        StillSurroundings.of(print(out), print(err)));
        return new Finished(exit, lines(out), lines(err));
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    private List<String> lines(ByteArrayOutputStream text) {
        return text.toString(StandardCharsets.UTF_8).replace(folder + "/", "").lines().toList();
    }

    private static String[] withRecipients(int count, String... more) {
        return Stream.of(
                        Stream.of("databases:", "  - path: a.db", "    to: archive"),
                        Stream.of(more),
                        Stream.of("    recipients:"),
                        IntStream.range(0, count)
                                .mapToObj(_ -> "      - " + Identity.generate().recipient()))
                .flatMap(each -> each)
                .toArray(String[]::new);
    }

    @Test
    void theFirstRecipientTooManyIsBlamed() throws IOException {
        assertThat(config("check", withRecipients(32)).exit()).isZero();
        Finished refused = config("check", withRecipients(33));
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err())
                .containsExactly(
                        "error: holdfast.yml:37:9: recipients: found 33 recipients, wanted 32 at"
                                + " most",
                        "hint: Share one identity among those who read.");
    }

    @Test
    void thoseOfAKeyFileCountToo() throws IOException {
        Path _ = Files.writeString(folder.resolve("key"), Identity.generate().secret() + "\n");
        assertThat(config("check", withRecipients(31, "    key-file: key")).exit()).isZero();
        assertThat(config("check", withRecipients(32, "    key-file: key")).err())
                .containsExactly(
                        "error: holdfast.yml:4:15: key-file: found 33 recipients, wanted 32 at"
                                + " most",
                        "hint: Share one identity among those who read.");
    }

    @Test
    void eachFileThatCannotBeReadIsBlamedForItself() throws IOException {
        String[] lines = {
            "databases:",
            "  - path: a.db",
            "    key-file: no-key",
            "    to:",
            "      - location: s3://bucket/a",
            "        ca: no-ca",
            "        credentials: no-credentials",
            "      - s3://bucket/b?credentials=no-credentials",
            "      - location: gs://bucket/c",
            "        credentials: no-account"
        };
        Finished refused = config("check", lines);
        assertThat(refused.exit()).isEqualTo(2);
        String credentials = "can't read the file that credentials= names: it is not there";
        assertThat(refused.err())
                .filteredOn(line -> line.startsWith("error: "))
                .containsExactly(
                        "error: holdfast.yml:3:15: key-file: can't read the key file no-key: it is"
                                + " not there",
                        "error: holdfast.yml:6:13: ca: can't read the certificates in no-ca: it is"
                                + " not there",
                        "error: holdfast.yml:7:22: credentials: " + credentials,
                        "error: holdfast.yml:8:9: to: " + credentials,
                        "error: holdfast.yml:10:22: credentials: " + credentials);
        // What a file comes to can be shown anywhere
        assertThat(config("show", lines).exit()).isZero();
    }

    @Test
    void filesThatAreThereAreGood() throws IOException {
        Path _ = Files.writeString(folder.resolve("key"), Identity.generate().secret() + "\n");
        Path _ = Files.writeString(folder.resolve("credentials"), "[default]\n");
        assertThat(
                        config(
                                        "check",
                                        "databases:",
                                        "  - path: a.db",
                                        "    key-file: key",
                                        "    to: {location: s3://bucket/a, credentials:"
                                                + " credentials}")
                                .out())
                .containsExactly("holdfast.yml is good: 1 database");
    }
}
