package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.s3.S3Server;
import dev.holdfast.storage.s3.TestBucket;
import dev.holdfast.tests.harness.DatabaseImage;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.LoggedState;
import dev.holdfast.tests.harness.Replication;
import dev.holdfast.tests.harness.Writer;
import dev.holdfast.tests.harness.WriterKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// `replicate` told by `holdfast.yml`, and the commands that look at such a file.
final class ConfigurationTest {
    private static final int USAGE = 2;

    private static final String TWO =
            """
            defaults:
              grace: 7s
            databases:
              - path: data/${NAME}.db
                to:
                  - archives/near
                  - location: archives/${FAR:-far}
                    uploads-per-second: 20
                state: state
                rto: 1m
              - path: data/other.db
                to: archives/other
            """;

    /// Where the file lies; the commands run elsewhere.
    @TempDir private Path folder;

    @TempDir private Path elsewhere;

    private Path file(String text) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        return Files.writeString(folder.resolve("holdfast.yml"), text);
    }

    /// @param archive in a folder
    private void assertRestored(Path archive, LoggedState last) throws IOException {
        assertRestored(archive.toString(), last);
    }

    private void assertRestored(String archive, LoggedState last) throws IOException {
        Path restored = Files.createTempDirectory(elsewhere, "restored").resolve("agent.db");
        List<Json> _ =
                Holdfast.lines(elsewhere, "restore", "--from", archive, "-o", restored.toString());
        assertThat(DatabaseImage.of(restored)).isEqualTo(last.image());
    }

    @Test
    void aDatabaseIsFollowedAsTheFileSaysAndFlagsComeFirst() throws IOException {
        Path file = file(TWO);
        Path database = folder.resolve("data/agent.db");
        Path archives = folder.resolve("archives");
        Map<String, String> variables = Map.of("NAME", "agent");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication told =
                    Replication.startIn(
                            elsewhere,
                            variables,
                            database.toString(),
                            "--config",
                            file.toString())) {
                told.awaitFollowing();
                writer.tell("run chat 20");
                told.stop();
                assertThat(told.events())
                        .filteredOn(event -> event.text("event").equals("stopping"))
                        .extracting(event -> event.decimal("grace_seconds"))
                        .containsExactly(7.0);
            }
            assertThat(folder.resolve("state")).isDirectory();
            LoggedState then = writer.last();
            assertRestored(archives.resolve("near"), then);
            assertRestored(archives.resolve("far"), then);

            // A new history: its own state, to one place, with another grace, by the environment
            try (Replication flagged =
                    Replication.startIn(
                            elsewhere,
                            Map.of("NAME", "agent", "HOLDFAST_CONFIG", file.toString()),
                            database.toString(),
                            "--to",
                            "flagged",
                            "--state",
                            "own-state",
                            "--grace",
                            "9s")) {
                flagged.awaitFollowing();
                writer.tell("run chat 20");
                flagged.stop();
                assertThat(flagged.events())
                        .filteredOn(event -> event.text("event").equals("stopping"))
                        .extracting(event -> event.decimal("grace_seconds"))
                        .containsExactly(9.0);
            }
            assertRestored(elsewhere.resolve("flagged"), writer.last());
            assertThat(elsewhere.resolve("own-state")).isDirectory();
            Json near =
                    Holdfast.lines(elsewhere, "status", "--from", "" + archives.resolve("near"))
                            .getFirst();
            Json own = Holdfast.lines(elsewhere, "status", "--from", "flagged").getFirst();
            assertThat(own.text("archive")).isNotEqualTo(near.text("archive"));
        }
    }

    @Test
    void theOnlyDatabaseOfAFileNeedsNoName() throws IOException {
        Path database = folder.resolve("data/agent.db");
        Path file = file("databases:\n  - path: data/agent.db\n    to: archive\n");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.startIn(elsewhere, Map.of(), "--config", file.toString())) {
                replication.awaitFollowing();
                writer.tell("run chat 5");
                replication.stop();
            }
            assertRestored(folder.resolve("archive"), writer.last());
        }
    }

    @Test
    void aBucketIsReachedWithTheCredentialsThatTheFileNames() throws IOException {
        TestBucket bucket = TestBucket.make();
        S3Server server = bucket.server();
        Path _ =
                Files.writeString(
                        folder.resolve("minio"),
                        "[backup]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                                .formatted(server.accessKey(), server.secretKey()));
        String file =
                file("""
                databases:
                  - path: data/agent.db
                    to:
                      location: s3://%s/agents/one
                      endpoint: ${ENDPOINT}
                      credentials: minio
                      profile: backup
                """
                                .formatted(bucket.place().bucket()))
                        .toString();
        Path database = folder.resolve("data/agent.db");
        try (Writer writer = Writer.start(WriterKind.PYTHON, database, 1)) {
            writer.tell("open");
            try (Replication replication =
                    Replication.startIn(
                            elsewhere,
                            Map.of("ENDPOINT", server.endpoint().toString()),
                            "--config",
                            file)) {
                replication.awaitFollowing();
                writer.tell("run chat 5");
                replication.stop();
            }
            // The place as the state folder has it: where the secrets are, and none of them
            Json status = Holdfast.lines(elsewhere, "status", database.toString()).getFirst();
            assertThat(status.text("location"))
                    .endsWith("&credentials=" + folder.resolve("minio") + "&profile=backup")
                    .doesNotContain(server.secretKey());
            assertRestored(status.text("location"), writer.last());
        }
    }

    @Test
    void ofSeveralDatabasesOneMustBeNamed() throws IOException {
        String file = file(TWO).toString();
        Map<String, String> variables = Map.of("NAME", "agent", "HOLDFAST_CONFIG", file);
        Holdfast.Finished several = Holdfast.run(elsewhere, variables, "replicate");
        assertThat(several.exit()).isEqualTo(USAGE);
        assertThat(several.err("error: "))
                .isEqualTo(
                        "error: %s has 2 databases, and one replicate follows one of them: found"
                                        .formatted(file)
                                + " %1$s/data/agent.db, %1$s/data/other.db".formatted(folder));
        assertThat(several.err("hint: "))
                .startsWith("hint: Name one, as in holdfast replicate " + folder);
        Holdfast.Finished unknown = Holdfast.run(elsewhere, variables, "replicate", "third.db");
        assertThat(unknown.exit()).isEqualTo(USAGE);
        assertThat(unknown.err("error: ")).startsWith("error: third.db is none of the databases");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aFileThatNobodyNamedDecidesNothing() throws IOException {
        Path _ = file("databases:\n  - path: data/agent.db\n    to: archive\n");
        Holdfast.Finished refused = Holdfast.run(folder, "replicate", "data/agent.db");
        assertThat(refused.exit()).isEqualTo(USAGE);
        assertThat(refused.err("error: "))
                .isEqualTo("error: holdfast replicate: --to ARCHIVE is missing");
        assertThat(refused.err("hint: ")).contains("--config");
        Holdfast.Finished unnamed = Holdfast.run(folder, "config", "check");
        assertThat(unnamed.exit()).isEqualTo(USAGE);
        assertThat(unnamed.err("error: ")).isEqualTo("error: no configuration file is named");
    }

    @Test
    void allThatIsWrongIsToldAtOnceByWhoeverReadsTheFile() throws IOException {
        String file =
                file("""
                databases:
                  - path: data/agent.db
                    to: archive
                    rtoo: 30s
                    grace: 30
                """)
                        .toString();
        List<String> expected =
                List.of(
                        "error: %s:4:5: found the key \"rtoo\", which is none of a database"
                                .formatted(file),
                        "hint: Did you mean rto? There are path, to, state, recipients, key-file,"
                                + " rto, grace, uploads-per-second, upload-bandwidth, spool-limit,"
                                + " spool-full, codec.",
                        "error: %s:5:12: grace: found \"30\", wanted a duration with its unit"
                                .formatted(file),
                        "hint: Write 30s for seconds, 30m for minutes.");
        for (List<String> command :
                List.of(
                        List.of("config", "check", "--config", file),
                        List.of("config", "show", "--config", file),
                        List.of("replicate", "--config", file))) {
            Holdfast.Finished refused = Holdfast.run(elsewhere, command.toArray(String[]::new));
            assertThat(refused.exit()).isEqualTo(USAGE);
            assertThat(refused.err()).isEqualTo(expected);
            assertThat(refused.out()).isEmpty();
        }
        Holdfast.Finished json =
                Holdfast.run(elsewhere, "config", "check", "--config", file, "--json");
        assertThat(json.exit()).isEqualTo(USAGE);
        Json error = Json.parse(json.err().getFirst());
        assertThat(error.text("error")).endsWith(" (and 1 more)");
        assertThat(error.text("file")).isEqualTo(file);
        assertThat(error.objects("problems"))
                .extracting(problem -> problem.number("line") + ":" + problem.number("column"))
                .containsExactly("4:5", "5:12");
        assertThat(error.objects("problems").getLast().text("hint"))
                .isEqualTo("Write 30s for seconds, 30m for minutes.");
    }

    @Test
    void whatIsShownCanBeUsedAsTheFile() throws IOException {
        Path file = file(TWO);
        Map<String, String> variables = Map.of("NAME", "agent");
        Holdfast.Finished good =
                Holdfast.run(elsewhere, variables, "config", "check", "--config", file.toString());
        assertThat(good.exit()).isZero();
        assertThat(good.out()).containsExactly(file + " is good: 2 databases");
        Holdfast.Finished shown =
                Holdfast.run(elsewhere, variables, "config", "show", "--config", file.toString());
        assertThat(shown.out())
                .contains(
                        "  - path: %s/data/agent.db  # line 4".formatted(folder),
                        "        uploads-per-second: 20  # line 8",
                        "    grace: 7s  # line 2",
                        "    codec: zstd  # default");
        Path again = Files.write(elsewhere.resolve("again.yml"), shown.out());
        assertThat(withoutComments(Holdfast.run(folder, "config", "show", "--config", "" + again)))
                .isEqualTo(withoutComments(shown));
        Json json =
                Holdfast.lines(elsewhere, variables, "config", "show", "--config", file.toString())
                        .getFirst();
        Json agent = json.objects("databases").getFirst();
        assertThat(agent.object("rto").text("value")).isEqualTo("1m");
        assertThat(agent.object("rto").number("line")).isEqualTo(10);
        assertThat(agent.object("codec").isNull("line")).isTrue();
    }

    private static List<String> withoutComments(Holdfast.Finished shown) {
        return shown.out().stream().map(line -> line.replaceFirst("  # .*", "")).toList();
    }
}
