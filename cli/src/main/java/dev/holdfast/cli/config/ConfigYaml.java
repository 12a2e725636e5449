package dev.holdfast.cli.config;

import java.util.Optional;
import java.util.regex.Pattern;

/// Writes what is in force as a configuration file that means the same, with where each value is
/// from behind it.
public final class ConfigYaml {
    /// What YAML takes as it stands, and nobody for anything else.
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z0-9_./](?:[A-Za-z0-9_./:=?&%+@-]*[A-Za-z0-9_./=&%+@-])?");

    private final StringBuilder text = new StringBuilder();

    private ConfigYaml() {}

    public static String of(Config config) {
        ConfigYaml yaml = new ConfigYaml();
        yaml.line(ConfigReader.DATABASES + ":", "");
        config.databases().forEach(yaml::write);
        return yaml.text.toString();
    }

    private void write(DatabaseConfig database) {
        Policies policies = database.policies();
        entry("  - " + ConfigReader.PATH, database.path());
        line("    " + ConfigReader.TO + ":", "");
        for (DestinationConfig destination : database.to()) {
            entry("      - " + ConfigReader.LOCATION, destination.location());
            entry("        " + Policies.UPLOADS, destination.uploads());
            entry("        " + Policies.BANDWIDTH, destination.bandwidth());
        }
        entry("    " + ConfigReader.STATE, database.stateFolder());
        if (!database.readers().recipients().isEmpty()) {
            line("    " + Readers.RECIPIENTS + ":", "");
            database.readers().recipients().forEach(each -> entry("      -", "", each));
        }
        database.readers().keyFile().ifPresent(file -> entry("    " + Readers.KEY_FILE, file));
        entry("    " + Policies.RTO, policies.rto());
        entry("    " + Policies.GRACE, policies.grace());
        if (policies.spoolLimit().value().isPresent()) {
            entry("    " + Policies.SPOOL_LIMIT, policies.spoolLimit());
        } else {
            line("    # " + Policies.SPOOL_LIMIT + ": " + policies.spoolLimit().text(), "");
        }
        entry("    " + Policies.SPOOL_FULL, policies.spoolFull());
        entry("    " + Policies.CODEC, policies.codec());
    }

    private void entry(String key, Setting<?> setting) {
        entry(key, ":", setting);
    }

    private void entry(String key, String colon, Setting<?> setting) {
        line(key + colon + " " + scalar(setting.text()), from(setting.from()));
    }

    private static String from(Optional<LineColumn> place) {
        return place.map(at -> "line " + at.line()).orElse("default");
    }

    private void line(String content, String comment) {
        text.append(content);
        if (!comment.isEmpty()) {
            text.append("  # ").append(comment);
        }
        text.append('\n');
    }

    /// The value as [YamlParser] and [Variables] read it back.
    private static String scalar(String value) {
        String literal = value.replace("$", "$$");
        return PLAIN.matcher(literal).matches() ? literal : quoted(literal);
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        value.codePoints()
                .forEach(c -> {
                    if (c == '"' || c == '\\') {
                        quoted.append('\\').appendCodePoint(c);
                    } else if (isVisible(c)) {
                        quoted.appendCodePoint(c);
                    } else {
                        quoted.append("\\U%08x".formatted(c));
                    }
                });
        return quoted.append('"').toString();
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
