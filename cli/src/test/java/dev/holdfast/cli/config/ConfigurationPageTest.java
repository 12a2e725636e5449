package dev.holdfast.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Holds `docs/configuration.md` against the code: every key, no other, and the defaults.
final class ConfigurationPageTest {
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z-]+)` \\|");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(.*?)```");

    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/configuration.md"));
    }

    /// From a heading to the next.
    private static String section(String heading) throws IOException {
        String page = page();
        int begin = page.indexOf("\n## " + heading + "\n");
        assertThat(begin).as(heading).isNotNegative();
        return page.substring(begin, page.indexOf("\n## ", begin + 1));
    }

    private static List<String> keys(String heading) throws IOException {
        return KEY.matcher(section(heading)).results().map(row -> row.group(1)).toList();
    }

    @Test
    void everyKeyStandsThereAndNoOther() throws IOException {
        assertThat(keys("Keys of the file"))
                .containsExactlyInAnyOrderElementsOf(ConfigReader.FILE_KEYS);
        assertThat(keys("Keys of a database")).isEqualTo(ConfigReader.DATABASE_KEYS);
        assertThat(keys("Keys of a destination")).isEqualTo(ConfigReader.DESTINATION_KEYS);
    }

    @Test
    void theDefaultsAreThoseOfTheCode() throws IOException {
        Policies policies = Policies.DEFAULT;
        Map<String, Setting<?>> defaults =
                Map.of(
                        Policies.RTO, policies.rto(),
                        Policies.GRACE, policies.grace(),
                        Policies.BANDWIDTH, policies.bandwidth(),
                        Policies.SPOOL_LIMIT, policies.spoolLimit(),
                        Policies.SPOOL_FULL, policies.spoolFull(),
                        Policies.CODEC, policies.codec());
        String section = section("Keys of a database");
        defaults.forEach((key, setting) ->
                assertThat(section)
                        .contains("| `%1$s` | `--%1$s` | %2$s |".formatted(key, setting.text())));
    }

    @Test
    void theExampleIsGood() throws IOException {
        Matcher example = EXAMPLE.matcher(page());
        assertThat(example.find()).isTrue();
        byte[] bytes = example.group(1).getBytes(StandardCharsets.UTF_8);
        Config config = ConfigFile.parse("holdfast.yml", Path.of("/srv"), bytes, Map.of());
        assertThat(config.databases()).hasSize(2);
    }
}
