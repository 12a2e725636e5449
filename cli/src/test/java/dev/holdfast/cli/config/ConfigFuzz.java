package dev.holdfast.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.SidecarException.BadConfigFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Any bytes as a configuration file, for `./dev fuzz config`: it is refused with what to do, at
/// places that are in it, or shown as a file that means the same.
public final class ConfigFuzz {
    private static final Path FOLDER = Path.of("/srv/no-such-folder");
    private static final Map<String, String> ENVIRONMENT = Map.of("A", "/a", "B", "$ #", "C", "");

    private ConfigFuzz() {}

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] input) {
        isRead(input);
    }

    /// Whether the input was taken for what it should be.
    static boolean isRead(byte[] input) {
        Config config;
        try {
            config = parse(input);
        } catch (BadConfigFile refused) {
            assertThat(refused.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> {
                        assertThat(problem.message()).isNotBlank();
                        assertThat(problem.remedy()).isNotBlank();
                        assertThat(problem.line()).isBetween(1, input.length + 1);
                        assertThat(problem.column()).isBetween(1, input.length + 1);
                    });
            return false;
        }
        String shown = ConfigYaml.of(config);
        String again = ConfigYaml.of(parse(shown.getBytes(StandardCharsets.UTF_8)));
        assertThat(withoutComments(again)).isEqualTo(withoutComments(shown));
        assertThat(ConfigJson.of(config).toString()).startsWith("{\"file\":\"holdfast.yml\"");
        return true;
    }

    private static Config parse(byte[] bytes) {
        return ConfigFile.parse("holdfast.yml", FOLDER, bytes, ENVIRONMENT);
    }

    /// What is shown, without where it is from.
    static String withoutComments(String shown) {
        return shown.replaceAll("(?m)  # (?:line \\d+|default)$", "");
    }

    /// Writes the seeds into a folder.
    public static void main(String[] folder) throws IOException {
        write(folder[0], "least", "databases:\n  - path: agent.db\n    to: archive\n");
        write(
                folder[0],
                "all",
                """
                # All keys.
                defaults:
                  rto: 1m
                  grace: 500ms
                  uploads-per-second: 0.2
                  upload-bandwidth: 2MB
                  spool-limit: 2GB
                  spool-full: rebase
                  codec: lz4
                databases:
                  - path: ${A}/agent.db
                    to:
                      - /srv/archive
                      - location: s3://bucket/agents/one
                        endpoint: https://minio.example:9000
                        region: eu-central-1
                        path-style: false
                        sse: aws:kms
                        kms-key: "a/b%"
                        storage-class: STANDARD_IA
                        ca: ${C:-ca.pem}
                        credentials: ${A}/credentials
                        profile: backup
                        uploads-per-second: unlimited
                        upload-bandwidth: unlimited
                    state: '$$ ${B} # $$'
                  - {path: "b\\u0009.db", to: b}
                """);
    }

    private static void write(String folder, String name, String text) throws IOException {
        Files.writeString(Path.of(folder, "seed-" + name), text);
    }
}
