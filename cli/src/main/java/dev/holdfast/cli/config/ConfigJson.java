package dev.holdfast.cli.config;

import dev.holdfast.cli.output.JsonObject;

import org.jspecify.annotations.Nullable;

import java.util.OptionalLong;

/// What is in force, for programs: the keys of the file, each with its value, and where that is
/// from.
public final class ConfigJson {
    private ConfigJson() {}

    public static JsonObject of(Config config) {
        return new JsonObject()
                .put("file", config.file())
                .put("databases", config.databases().stream().map(ConfigJson::json).toList());
    }

    private static JsonObject json(DatabaseConfig database) {
        Policies policies = database.policies();
        return new JsonObject()
                .put(ConfigReader.PATH, json(database.path()))
                .put(ConfigReader.TO, database.to().stream().map(ConfigJson::json).toList())
                .put(ConfigReader.STATE, json(database.stateFolder()))
                .put(
                        Readers.RECIPIENTS,
                        database.readers().recipients().stream().map(ConfigJson::json).toList())
                .put(
                        Readers.KEY_FILE,
                        database.readers().keyFile().map(ConfigJson::json).orElse(null))
                .put(Policies.RTO, json(policies.rto()))
                .put(Policies.GRACE, json(policies.grace()))
                .put(Policies.SPOOL_LIMIT, spoolLimit(policies.spoolLimit()))
                .put(Policies.SPOOL_FULL, json(policies.spoolFull()))
                .put(Policies.CODEC, json(policies.codec()));
    }

    private static JsonObject json(DestinationConfig destination) {
        return new JsonObject()
                .put(ConfigReader.LOCATION, json(destination.location()))
                .put(Policies.UPLOADS, json(destination.uploads()))
                .put(Policies.BANDWIDTH, json(destination.bandwidth()));
    }

    /// The default is a rule, and no value.
    private static JsonObject spoolLimit(Setting<OptionalLong> limit) {
        return json(limit.value().isPresent() ? limit.text() : null, limit);
    }

    private static JsonObject json(Setting<?> setting) {
        return json(setting.text(), setting);
    }

    private static JsonObject json(@Nullable String value, Setting<?> setting) {
        return new JsonObject()
                .put("value", value)
                .put("line", setting.from().map(at -> (long) at.line()).orElse(null));
    }
}
