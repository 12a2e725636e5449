package dev.holdfast.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.format.failure.SidecarException.BadConfigFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What is wrong with a file: each problem with its place, all of them at once.
final class ConfigProblemsTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("RATE", "often", "EMPTY", "");

    /// A database's keys, without what is wrong with it.
    private static final String GOOD =
            """
            databases:
              - path: a.db
                to: archive
            """;

    @TempDir private Path folder;

    private void assertProblems(String text, String... problems) {
        assertProblems(text.getBytes(StandardCharsets.UTF_8), problems);
    }

    private void assertProblems(byte[] bytes, String... problems) {
        BadConfigFile refusal =
                catchThrowableOfType(
                        BadConfigFile.class,
                        () -> ConfigFile.parse("holdfast.yml", folder, bytes, ENVIRONMENT));
        assertThat(refusal).as("what is said of the file").isNotNull();
        assertThat(
                        refusal.problems().stream()
                                .flatMap(problem ->
                                        Stream.of(
                                                refusal.describe(problem),
                                                "  " + problem.remedy())))
                .containsExactly(problems);
    }

    @Test
    void allIsToldAtOnceInTheOrderOfTheFile() {
        assertProblems(
                """
                default:
                  rto: 1m
                databases:
                  - path: a.db
                    to: archive
                    rto: 30
                    spool-limit: 5
                  - paht: b.db
                    to: nosuch://bucket
                    grace: ${GRACE}
                """,
                "holdfast.yml:1:1: found the key \"default\", which is none of the file",
                "  Did you mean defaults? There are defaults, databases.",
                "holdfast.yml:6:10: rto: found \"30\", wanted a duration with its unit",
                "  Write 30s for seconds, 30m for minutes.",
                "holdfast.yml:7:18: spool-limit: found \"5\", wanted a size such as 500MB, 2GB or"
                        + " 256MiB",
                "  Write a whole number and a unit: kB, MB, GB, TB, KiB, MiB, GiB or TiB.",
                "holdfast.yml:8:5: found the key \"paht\", which is none of a database",
                "  Did you mean path? There are path, to, state, recipients, key-file, rto, grace,"
                        + " uploads-per-second, upload-bandwidth, spool-limit, spool-full, codec.",
                "holdfast.yml:8:5: a database: found no path",
                "  Write path: and the database file.",
                "holdfast.yml:9:9: to: no kind of store is called \"nosuch\": found"
                        + " nosuch://bucket, supported are a path, file:, s3: and gs:",
                "  Name a folder, as in /srv/archive, or a bucket, as in s3://bucket/prefix; write"
                        + " ./nosuch://bucket if it is a folder's name.",
                "holdfast.yml:10:12: the variable GRACE is not set",
                "  Set it, or write ${GRACE:-default}.");
    }

    @Test
    void valuesOfTheWrongKindAreRefusedWithTheRightOne() {
        assertProblems(
                """
                defaults:
                  rto: 0s
                  grace: soon
                  uploads-per-second: ${RATE}
                  spool-full: drop
                  codec: [zstd]
                databases:
                  - path: ""
                    to:
                    state: ~/state
                    codec: ${EMPTY}
                """,
                "holdfast.yml:2:8: rto: found 0, wanted a time in which a restore can be done",
                "  Write 30s, say.",
                "holdfast.yml:3:10: grace: found \"soon\", wanted a duration",
                "  Write it as 30s, 5m, 2h30m, 500ms or 7d.",
                "holdfast.yml:4:23: uploads-per-second: found \"often\", wanted uploads a second,"
                        + " 0.001 to 1000, or unlimited",
                "  Write 0.2 for one in five seconds.",
                "holdfast.yml:5:15: spool-full: found \"drop\", wanted keep or rebase",
                "  Write keep or rebase.",
                "holdfast.yml:6:10: codec: found a list, wanted one value",
                "  Write the value behind the colon.",
                "holdfast.yml:8:11: path: found nothing",
                "  Write a value, or leave the key out.",
                "holdfast.yml:9:8: to: found nothing",
                "  Write a value, or leave the key out.",
                "holdfast.yml:10:12: state: found \"~/state\", and ~ means nothing here",
                "  Write ${HOME} for it.",
                "holdfast.yml:11:12: codec: found \"\", wanted zstd or lz4",
                "  Write zstd or lz4.");
    }

    @Test
    void eachOptionOfABucketIsBlamedForItself() {
        assertProblems(
                """
                databases:
                  - path: a.db
                    to:
                      - location: s3://bucket/a?sse=AES256
                        regoin: eu-central-1
                        region: Frankfurt
                        sse: AES256
                        kms-key: key
                        storage-class: ${TIER:-GLACIER}
                      - location: /srv/archive
                        region: eu-central-1
                      - uploads-per-second: 1
                      - s3://Bucket
                """,
                "holdfast.yml:5:9: found the key \"regoin\", which is none of a destination",
                "  Did you mean region? There are location, uploads-per-second, upload-bandwidth,"
                    + " endpoint, region, path-style, sse, kms-key, storage-class, ca, credentials,"
                    + " profile, project.",
                "holdfast.yml:6:17: region: the option region of an s3: location is no region's"
                        + " name",
                "  Write it as in region=eu-central-1.",
                "holdfast.yml:7:14: sse: the option sse of an s3: location is given twice",
                "  Leave one of them out.",
                "holdfast.yml:8:18: kms-key: kms-key is given without sse=aws:kms",
                "  Add sse=aws:kms to the location.",
                "holdfast.yml:9:24: storage-class: the option storage-class of an s3: location has"
                        + " a value that it can't have",
                "  Write one of [STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING,"
                        + " GLACIER_IR, REDUCED_REDUNDANCY].",
                "holdfast.yml:11:17: region: this is an option of a bucket, and the location is a"
                        + " folder",
                "  Leave it out.",
                "holdfast.yml:12:9: a destination: found no location",
                "  Write location: and a folder, or s3://bucket/prefix.",
                "holdfast.yml:13:9: to: not the name of a bucket: found \"Bucket\","
                        + " wanted 3 to 63 lower-case letters, digits, dots and hyphens, with a"
                        + " letter or digit at both ends",
                "  Write it as in s3://bucket/prefix?region=eu-central-1.");
    }

    @Test
    void whatIsNotHereIsRefusedAndNotPassedOver() {
        assertProblems(
                GOOD
                        + """
                            take-over: true
                            codec: zstd
                            codec: lz4
                            <<: everything
                        keys: [age1]
                        """,
                "holdfast.yml:4:5: found the key \"take-over\", which is none of a database",
                "  Leave it out: it is for one start, by hand (holdfast replicate --take-over).",
                "holdfast.yml:6:5: found the key \"codec\" again, which stands in line 5 already",
                "  Leave one of them out.",
                "holdfast.yml:7:5: found the key \"<<\", which is none of a database",
                "  There are path, to, state, recipients, key-file, rto, grace, uploads-per-second,"
                        + " upload-bandwidth, spool-limit, spool-full, codec.",
                "holdfast.yml:8:1: found the key \"keys\", which is none of the file",
                "  Write recipients: and public keys (age1…), or key-file: and a file of"
                        + " identities, as keys of a database.");
    }

    @Test
    void aSecretIsNotRepeated() {
        assertProblems(
                """
                databases:
                  - path: a.db
                    to:
                      location: s3://key:hunter2@bucket/a
                      secret-access-key: hunter2
                  - path: b.db
                    to: s3://bucket/b?endpoint=https://user:hunter2@minio
                """,
                "holdfast.yml:4:17: location: not the URL of a bucket and a prefix in it",
                "  Write it as in s3://bucket/prefix?region=eu-central-1.",
                "holdfast.yml:5:7: found the key \"secret-access-key\", which is none of a"
                        + " destination",
                "  Leave it out: no secret stands in this file; name one that has it by"
                        + " credentials.",
                "holdfast.yml:7:9: to: the option endpoint of an s3: location is not the URL of a"
                        + " server",
                "  Write scheme and host, as in endpoint=https://minio.example:9000.");
    }

    @Test
    void entriesThatGetInEachOthersWayAreToldByTheLaterOne() throws IOException {
        Path real = folder.toRealPath();
        Files.createFile(folder.resolve("a.db"));
        Files.createLink(folder.resolve("hard.db"), folder.resolve("a.db"));
        Files.createSymbolicLink(folder.resolve("link"), real);
        assertProblems(
                """
                databases:
                  - path: a.db
                    to: [one, s3://bucket/agents]
                  - path: ./link/a.db
                    to: two
                  - path: hard.db
                    to: link/two/./below
                  - path: b.db
                    to: s3://bucket/agents/b?region=eu-central-1
                    state: link/.a.db-holdfast/b
                  - path: c.db
                    to: .c.db-holdfast/archive
                  - path: d.db
                    to: [d, e, ./d]
                    state: one
                """,
                "holdfast.yml:4:11: path: %s/./link/a.db is the database of line 2"
                        .formatted(folder),
                "  Leave one of them out; one database with several places has several entries"
                        + " below to.",
                "holdfast.yml:6:11: path: %s/hard.db is the database of line 2".formatted(folder),
                "  Leave one of them out; one database with several places has several entries"
                        + " below to.",
                "holdfast.yml:7:9: to: file:%s/link/two/below and file:%s/two (line 5) are the same place,"
                                .formatted(folder, folder)
                        + " or one lies in the other",
                "  Give each database, and each of its copies, a place of its own.",
                "holdfast.yml:9:9: to: s3://bucket/agents/b?region=eu-central-1 and"
                        + " s3://bucket/agents (line 3) are the same place, or one lies in the"
                        + " other",
                "  Give each database, and each of its copies, a place of its own.",
                "holdfast.yml:10:12: state: %s/link/.a.db-holdfast/b and %s/.a.db-holdfast (line 2) are"
                                .formatted(folder, real)
                        + " the same folder, or one lies in the other",
                "  Give each database a state folder of its own, or leave state out.",
                "holdfast.yml:11:11: the state folder %s/.c.db-holdfast and the archive file:%s/.c.db-holdfast/archive"
                                .formatted(real, folder)
                        + " are the same folder, or one lies in the other",
                "  Name a folder elsewhere for one of them.",
                "holdfast.yml:14:16: to: file:%s/d and file:%s/d (line 14) are the same place,"
                                .formatted(folder, folder)
                        + " or one lies in the other",
                "  Give each database, and each of its copies, a place of its own.",
                "holdfast.yml:15:12: the state folder %s/one and the archive file:%s/one are the same"
                                .formatted(folder, folder)
                        + " folder, or one lies in the other",
                "  Name a folder elsewhere for one of them.");
    }

    @Test
    void moreThanCanBeIsRefused() {
        String places = "[" + "x, ".repeat(16) + "x]";
        assertProblems(
                "databases:\n  - path: a.db\n    to: " + places,
                "holdfast.yml:3:58: to: found 17 places, wanted 16 at most",
                "  Ship to fewer places.");
        assertProblems(
                "databases:\n" + "  - {path: a, to: a}\n".repeat(1_001),
                "holdfast.yml:1002:5: found 1,001 databases, wanted 1,000 at most",
                "  Write several files.");
    }

    @Test
    void aDollarThatBeginsNoVariableIsNotGuessedAt() {
        for (String value :
                List.of("$HOME/a.db", "${}", "${1}", "a$", "${A", "${A-b}", "${A:-$B}")) {
            assertProblems(
                    "databases:\n  - to: archive\n    path: '" + value + "'",
                    "holdfast.yml:3:11: found a dollar that begins no variable in \""
                            + value
                            + "\"",
                    "  Write ${NAME} or ${NAME:-default} for a variable of the environment, $$ for"
                            + " a dollar.");
        }
    }

    @Test
    void eachVariableOfAValueThatIsNotSetIsNamed() {
        assertProblems(
                "databases:\n  - {path: '${A}/${B}-${A}$', to: a}",
                "holdfast.yml:2:12: the variable A is not set",
                "  Set it, or write ${A:-default}.",
                "holdfast.yml:2:12: the variable B is not set",
                "  Set it, or write ${B:-default}.",
                "holdfast.yml:2:12: found a dollar that begins no variable in \"${A}/${B}-${A}$\"",
                "  Write ${NAME} or ${NAME:-default} for a variable of the environment, $$ for a"
                        + " dollar.");
    }

    @Test
    void ofVeryManyProblemsTheFirstAreTold() {
        BadConfigFile refusal =
                catchThrowableOfType(
                        BadConfigFile.class,
                        () ->
                                ConfigFile.parse(
                                        "holdfast.yml",
                                        folder,
                                        "x: y\n".repeat(50_000).getBytes(StandardCharsets.UTF_8),
                                        ENVIRONMENT));
        assertThat(refusal.problems()).hasSize(Problems.MOST_TOLD + 1);
        assertThat(refusal.problems().getLast().message())
                .isEqualTo("49,901 problems from here on are not told");
        assertThat(refusal.problems().getLast().line()).isEqualTo(100);
        assertProblems(
                "databases:\n  - to: archive\n    path: '" + "${A:-".repeat(150_000) + "'",
                "holdfast.yml:3:11: found a dollar that begins no variable in \""
                        + "${A:-".repeat(12)
                        + "…\"",
                "  Write ${NAME} or ${NAME:-default} for a variable of the environment, $$ for"
                        + " a dollar.");
    }

    @Test
    void otherShapesAreRefused() {
        String hint = "  Write databases: and below it, for each, - path: and to:.";
        assertProblems("", "holdfast.yml:1:1: there is nothing in it", hint);
        assertProblems(
                "# nothing\n---\n",
                "holdfast.yml:3:1: the file: found nothing, wanted a map",
                "  Write its keys there: defaults, databases.");
        assertProblems("defaults: {}", "holdfast.yml:1:1: found no databases", hint);
        assertProblems(
                "databases: []",
                "holdfast.yml:1:12: databases: found an empty list",
                "  Write one entry at least.");
        assertProblems(
                "databases: [a.db]",
                "holdfast.yml:1:13: a database: found \"a.db\", wanted a map",
                "  Write its keys there: path, to, state, recipients, key-file, rto, grace,"
                        + " uploads-per-second, upload-bandwidth, spool-limit, spool-full, codec.");
        assertProblems(
                "- a",
                "holdfast.yml:1:1: the file: found a list, wanted a map",
                "  Write its keys there: defaults, databases.");
        assertProblems(
                "databases:\n  - path: /\n    to: archive\n",
                "holdfast.yml:2:11: path: found the root folder, wanted a database file",
                "  Name the file.");
    }

    @Test
    void whatYamlCanDoBesidesIsRefused() {
        assertProblems(
                """
                defaults: &common {}
                databases:
                  - path: !!str a.db
                    to: *common
                    [a, b]: c
                --- {}
                """,
                "holdfast.yml:1:11: found the anchor &common, which means nothing here",
                "  Leave it out.",
                "holdfast.yml:3:11: found the tag \"tag:yaml.org,2002:str\", which means nothing"
                        + " here",
                "  Leave it out.",
                "holdfast.yml:4:9: found an alias, which means nothing here",
                "  Write it out where it is meant.",
                "holdfast.yml:5:5: found a list or a map as a key",
                "  Write a name before the colon; quote what begins with { or [.",
                "holdfast.yml:6:5: found a second document",
                "  Leave it out: a file has one.");
        assertProblems(
                "x: " + "[".repeat(100_000) + "]".repeat(100_000),
                "holdfast.yml:1:23: found more than 20 lists and maps within one another",
                "  Write it flatter.");
    }

    @Test
    void whatIsNotYamlIsToldWithItsPlace() {
        String hint =
                "  Correct the line, or the one before: indent by spaces, write a space after each"
                        + " colon, and quote what has special characters.";
        assertProblems(
                "databases:\n\t- path: a.db\n",
                "holdfast.yml:2:1: not YAML: found character '\\t(TAB)' that cannot start any"
                        + " token. (Do not use \\t(TAB) for indentation)",
                hint);
        assertProblems(
                "databases:\n  - path: \"a.db\n",
                "holdfast.yml:3:1: not YAML: found unexpected end of stream",
                hint);
        assertProblems(
                "a: b\nc: \u0007", "holdfast.yml:2:4: not YAML: found the character U+0007", hint);
        for (String escape : new String[] {"\\u", "\\Uffffffff\"", "\\x"}) {
            assertProblems(
                    "databases:\n  - path: \"a.db" + escape,
                    "holdfast.yml:2:5: not YAML: found an escape that is none, here or further on",
                    hint);
        }
        assertProblems(
                new byte[] {'a', ':', '\n', 'b', (byte) 0xff},
                "holdfast.yml:2:2: not UTF-8 text",
                "  Save the file in UTF-8.");
    }

    @Test
    void aSecretInPlaceOfAKeyIsNotRepeated() {
        assertProblems(
                """
                databases:
                  - path: a.db
                    to: archive
                    recipients: AGE-SECRET-KEY-1ABC
                    key-file: AGE-SECRET-KEY-1ABC
                """,
                "holdfast.yml:4:17: recipients: found something else, wanted a recipient, age1…",
                "  Take what holdfast key generate, or age-keygen, says.",
                "holdfast.yml:5:15: key-file: found an identity itself, wanted the name of the file"
                        + " that has it",
                "  Write it into a file of mode 0600, and name that; whoever could read this"
                        + " command line or configuration has the secret now.");
    }
}
