package dev.holdfast.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.SidecarException.BadUsage;
import dev.holdfast.replicator.FollowerOptions;
import dev.holdfast.replicator.SnapshotPolicy;
import dev.holdfast.replicator.SpoolPolicy;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

final class ConfigFileTest {
    private static final Path FOLDER = Path.of("/srv/no such folder");
    private static final Map<String, String> ENVIRONMENT =
            Map.of("AGENT", "agents/one", "EMPTY", "", "COST", "$$5 ${AGENT}");

    private static Config parse(String text) {
        return ConfigFile.parse(
                "holdfast.yml", FOLDER, text.getBytes(StandardCharsets.UTF_8), ENVIRONMENT);
    }

    private static DatabaseConfig only(String text) {
        return parse(text).database(null);
    }

    @Test
    void whatADatabaseDoesNotSayIsTakenFromTheDefaultsAndThenFromOurs() {
        Config config =
                parse(
                        """
                        defaults:
                          rto: 1m
                          grace: 5s
                          uploads-per-second: 0.5
                          upload-bandwidth: 500kB
                        databases:
                          - path: a.db
                            to: [archive, {location: s3://bucket/a, uploads-per-second: 7}]
                            rto: 2m
                          - path: /data/b.db
                            to:
                              location: file:///srv/b
                              uploads-per-second: unlimited
                              upload-bandwidth: 2MB
                            state: state/b
                            spool-limit: 2GB
                            spool-full: REBASE
                            codec: lz4
                        """);
        DatabaseConfig a = config.databases().getFirst();
        assertThat(a.path().value()).isEqualTo(FOLDER.resolve("a.db"));
        assertThat(a.stateFolder().value()).isEqualTo(FOLDER.resolve(".a.db-holdfast"));
        assertThat(a.policies().rto())
                .isEqualTo(
                        new Setting<>(
                                Duration.ofMinutes(2), "2m", Optional.of(new LineColumn(9, 10))));
        assertThat(a.policies().grace())
                .isEqualTo(
                        new Setting<>(
                                Duration.ofSeconds(5), "5s", Optional.of(new LineColumn(3, 10))));
        assertThat(a.policies().spoolLimit().value()).isEqualTo(OptionalLong.empty());
        assertThat(a.policies().codec().value()).isEqualTo(Codec.ZSTD);
        assertThat(a.to())
                .extracting(to -> to.location().value())
                .containsExactly(
                        new StoreLocation.Folder(FOLDER.resolve("archive")),
                        StoreLocation.parse("s3://bucket/a"));
        assertThat(a.to())
                .extracting(to -> to.uploads().value().interval())
                .containsExactly(Duration.ofSeconds(2), Duration.ofNanos(142_857_143));

        assertThat(a.to())
                .extracting(to -> to.bandwidth().value())
                .containsOnly(UploadBandwidth.of(500_000));

        DatabaseConfig b = config.databases().getLast();
        assertThat(b.policies().rto().value()).isEqualTo(Duration.ofMinutes(1));
        assertThat(b.stateFolder().value()).isEqualTo(FOLDER.resolve("state/b"));
        assertThat(b.to().getFirst().uploads().value()).isEqualTo(UploadRate.UNLIMITED);
        assertThat(b.to().getFirst().bandwidth().value()).isEqualTo(UploadBandwidth.of(2_000_000));
        assertThat(b.policies().spoolLimit().value()).isEqualTo(OptionalLong.of(2_000_000_000L));
        assertThat(b.policies().spoolFull().value()).isEqualTo(SpoolPolicy.WhenFull.REBASE);
        assertThat(b.policies().codec().value()).isEqualTo(Codec.LZ4);
    }

    @Test
    void nothingIsSaidOfADatabaseWithoutAFile() {
        Policies policies = DatabaseConfig.byDefault(Path.of("a.db")).policies();
        assertThat(policies.rto().value()).isEqualTo(SnapshotPolicy.DEFAULT_RTO);
        assertThat(policies.grace().value()).isEqualTo(FollowerOptions.DEFAULT_GRACE);
        assertThat(policies.uploads()).isEmpty();
        assertThat(new SpoolPolicy(policies.spoolLimit().value(), policies.spoolFull().value()))
                .isEqualTo(SpoolPolicy.DEFAULT);
    }

    @Test
    void uploadsToABucketAreFewUnlessToldOtherwise() {
        DatabaseConfig database = DatabaseConfig.byDefault(Path.of("a.db"));
        StoreLocation bucket = StoreLocation.parse("s3://bucket/agent");
        assertThat(database.uploads(bucket)).isEqualTo(new UploadRate(Duration.ofSeconds(1), 60));
        assertThat(database.uploads(StoreLocation.parse("archive")))
                .isEqualTo(UploadRate.UNLIMITED);
        DatabaseConfig told =
                only("databases: [{path: a.db, to: s3://bucket/b, uploads-per-second: 2}]");
        // By a flag it may be shipped to another place than the file says
        assertThat(told.uploads(bucket).interval()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void allThatThereIsMayBeSentUnlessToldOtherwise() {
        StoreLocation bucket = StoreLocation.parse("s3://bucket/agent");
        assertThat(DatabaseConfig.byDefault(Path.of("a.db")).bandwidth(bucket))
                .isEqualTo(UploadBandwidth.UNLIMITED);
        DatabaseConfig told =
                only("databases: [{path: a.db, to: s3://bucket/b, upload-bandwidth: 1MiB}]");
        assertThat(told.bandwidth(bucket)).isEqualTo(UploadBandwidth.of(1 << 20));
    }

    @Test
    void optionsOfABucketMayStandInItsLocationOrBesideIt() {
        StoreLocation inside =
                only("""
                databases:
                  - path: a.db
                    to: s3://bucket/a?endpoint=https://minio:9000&ca=ca.pem
                """)
                        .to()
                        .getFirst()
                        .location()
                        .value();
        StoreLocation beside =
                only("""
                databases:
                  - path: a.db
                    to:
                      location: s3://bucket/a
                      ca: ca.pem
                      endpoint: https://minio:9000
                """)
                        .to()
                        .getFirst()
                        .location()
                        .value();
        assertThat(beside)
                .isEqualTo(inside)
                .hasToString(
                        "s3://bucket/a?endpoint=https://minio:9000&ca=/srv/no%20such%20folder/ca.pem");
        assertThat(
                        only("databases: [{path: a, to: {location: s3://b1c, kms-key: a&b=%,"
                                        + " sse: 'aws:kms'}}]")
                                .to()
                                .getFirst()
                                .location()
                                .value())
                .isEqualTo(StoreLocation.parse("s3://b1c?sse=aws:kms&kms-key=a%26b%3D%25"));
    }

    @Test
    void variablesStandInValues() {
        DatabaseConfig database =
                only(
                        """
                        databases:
                          - path: ${NO_SUCH:-/data}/${AGENT}$$.db
                            to: '${EMPTY:-s3://bucket}/${EMPTY}${AGENT}'
                            state: ${COST}
                        """);
        assertThat(database.path().value()).isEqualTo(Path.of("/data/agents/one$.db"));
        assertThat(database.to().getFirst().location().value())
                .isEqualTo(StoreLocation.parse("s3://bucket/agents/one"));
        assertThat(database.stateFolder().value()).isEqualTo(FOLDER.resolve("$$5 ${AGENT}"));
    }

    @Test
    void textsAreWhatWasWritten() {
        DatabaseConfig database =
                only("\ufeffdatabases: [{path: 0x10, to: null, state: \"a\\tb\", rto: 90s}]");
        assertThat(database.path().value()).isEqualTo(FOLDER.resolve("0x10"));
        assertThat(database.stateFolder().value()).isEqualTo(FOLDER.resolve("a\tb"));
        assertThat(database.to().getFirst().location().value())
                .isEqualTo(new StoreLocation.Folder(FOLDER.resolve("null")));
    }

    @Test
    void oneOfSeveralIsNamedByItsPath(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("holdfast.yml");
        Files.createSymbolicLink(folder.resolve("link"), folder);
        Files.writeString(file, "databases: [{path: a.db, to: a}, {path: link/b.db, to: b}]");
        Config config = ConfigFile.read(file, Map.of());
        assertThat(config.database(folder.resolve("b.db"))).isEqualTo(config.databases().getLast());
        assertThat(config.database(folder.resolve("link/a.db")))
                .isEqualTo(config.databases().getFirst());
        assertThatThrownBy(() -> config.database(Path.of("c.db")))
                .isInstanceOf(BadUsage.class)
                .hasMessage(
                        "c.db is none of the databases of %s: found %s/a.db, %s/link/b.db"
                                .formatted(file, folder, folder));
        assertThatThrownBy(() -> config.database(null))
                .isInstanceOf(BadUsage.class)
                .hasMessage(
                        "%s has 2 databases, and one replicate follows one of them: found %s/a.db,"
                                        .formatted(file, folder)
                                + " %s/link/b.db".formatted(folder))
                .extracting(refusal -> ((BadUsage) refusal).remedy())
                .isEqualTo(
                        "Name one, as in holdfast replicate %s/a.db --config %s, and start one for"
                                        .formatted(folder, file)
                                + " each.");
    }

    @Test
    void aFileThatCannotBeReadIsRefusedByName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("holdfast.yml");
        assertThatThrownBy(() -> ConfigFile.read(file, Map.of()))
                .isInstanceOf(BadUsage.class)
                .hasMessage("can't read the configuration file " + file + ": it is not there");
        assertThatThrownBy(() -> ConfigFile.read(folder, Map.of()))
                .isInstanceOf(BadUsage.class)
                .hasMessageStartingWith("can't read the configuration file " + folder + ": ");
        Files.write(file, new byte[ConfigFile.MAX_BYTES + 1]);
        assertThatThrownBy(() -> ConfigFile.read(file, Map.of()))
                .isInstanceOf(BadUsage.class)
                .hasMessage(
                        "the configuration file %s is too large: wanted at most 1,048,576 bytes"
                                .formatted(file));
    }

    @Test
    void whatIsShownIsAFileThatMeansTheSame() {
        Config config =
                parse(
                        """
                        defaults:
                          grace: 5s
                        databases:
                          - path: a.db
                            to:
                              - './my archive: it''s # here'
                              - location: s3://bucket/a
                                region: eu-central-1
                            spool-limit: 2GB
                          - path: "b $$ \\" \\\\ \\u2028 \\n ü.db"
                            to: b
                        """);
        String shown = ConfigYaml.of(config);
        assertThat(shown)
                .isEqualTo(
                        """
                        databases:
                          - path: "/srv/no such folder/a.db"  # line 4
                            to:
                              - location: "file:/srv/no%20such%20folder/my%20archive:%20it's%20%23%20here"  # line 6
                                uploads-per-second: unlimited  # default
                                upload-bandwidth: unlimited  # default
                              - location: s3://bucket/a?region=eu-central-1  # line 7
                                uploads-per-second: 1  # default
                                upload-bandwidth: unlimited  # default
                            state: "/srv/no such folder/.a.db-holdfast"  # default
                            rto: 30s  # default
                            grace: 5s  # line 2
                            spool-limit: 2GB  # line 9
                            spool-full: keep  # default
                            codec: zstd  # default
                          - path: "/srv/no such folder/b $$ \\" \\\\ \\U00002028 \\U0000000a ü.db"  # line 10
                            to:
                              - location: file:/srv/no%20such%20folder/b  # line 11
                                uploads-per-second: unlimited  # default
                                upload-bandwidth: unlimited  # default
                            state: "/srv/no such folder/.b $$ \\" \\\\ \\U00002028 \\U0000000a ü.db-holdfast"  # default
                            rto: 30s  # default
                            grace: 5s  # line 2
                            # spool-limit: a tenth of what is free on the disk of the state folder, 256MB at least
                            spool-full: keep  # default
                            codec: zstd  # default
                        """);
        assertThat(ConfigFuzz.withoutComments(ConfigYaml.of(parse(shown))))
                .isEqualTo(ConfigFuzz.withoutComments(shown));
    }

    @Test
    void recipientsOfAllAreThoseOfEachDatabaseThatHasNoneOfItsOwn() {
        String all = Identity.generate().recipient().toString();
        String own = Identity.generate().recipient().toString();
        Config config =
                parse(
                        """
                        defaults:
                          recipients: %s
                        databases:
                          - path: /a.db
                            to: /a
                          - path: /b.db
                            to: /b
                            recipients: %s
                          - path: /c.db
                            to: /c
                            key-file: reader.key
                        """
                                .formatted(all, own));
        assertThat(config.databases())
                .extracting(database ->
                        database.readers().recipients().stream().map(Setting::text).toList())
                .containsExactly(List.of(all), List.of(own), List.of());
        assertThat(config.databases().getLast().readers().keyFile()).isPresent();
    }

    @Test
    void recipientsAreOneOrAListAndShownAsTheyAre() {
        String one = Identity.generate().recipient().toString();
        String other = Identity.generate().recipient().toString();
        Config config =
                parse(
                        """
                        databases:
                          - path: /a.db
                            to: /a
                            recipients: %1$s
                          - path: /b.db
                            to: /b
                            recipients:
                              - %1$s
                              - %2$s
                            key-file: reader.key
                        """
                                .formatted(one, other));
        assertThat(config.databases().getFirst().readers().all())
                .containsExactly(new Recipient(one));
        Readers readers = config.databases().getLast().readers();
        assertThat(readers.recipients()).extracting(Setting::text).containsExactly(one, other);
        assertThat(readers.keyFile().orElseThrow().value().isAbsolute()).isTrue();
        String shown = ConfigYaml.of(config);
        assertThat(ConfigFuzz.withoutComments(ConfigYaml.of(parse(shown))))
                .isEqualTo(ConfigFuzz.withoutComments(shown));
    }

    @Test
    void programsAreToldTheLineOfEachValue() {
        Config config = parse("databases:\n  - path: /a.db\n    to: /b\n");
        assertThat(ConfigJson.of(config))
                .hasToString(
                        """
                        {"file":"holdfast.yml","databases":[{"path":{"value":"/a.db","line":2},\
                        "to":[{"location":{"value":"file:/b","line":3},\
                        "uploads-per-second":{"value":"unlimited","line":null},\
                        "upload-bandwidth":{"value":"unlimited","line":null}}],\
                        "state":{"value":"/.a.db-holdfast","line":null},\
                        "recipients":[],"key-file":null,\
                        "rto":{"value":"30s","line":null},"grace":{"value":"30s","line":null},\
                        "spool-limit":{"value":null,"line":null},\
                        "spool-full":{"value":"keep","line":null},\
                        "codec":{"value":"zstd","line":null}}]}\
                        """);
    }
}
