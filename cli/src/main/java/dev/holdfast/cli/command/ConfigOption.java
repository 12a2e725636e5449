package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.PathArgument;
import dev.holdfast.cli.config.Config;
import dev.holdfast.cli.config.ConfigFile;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Which configuration file is read. None is, unless it is named: what lies in a working directory
/// by chance decides nothing.
final class ConfigOption {
    static final String VARIABLE = "HOLDFAST_CONFIG";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "The configuration file, holdfast.yml by custom. Default: what the variable "
                            + VARIABLE
                            + " of the environment names; else none.")
    private @Nullable Path file;

    /// What it says, if one is named. Throws `BadConfigFile` with all that is wrong in it.
    Optional<Config> read(Map<String, String> environment) {
        return named(environment).map(chosen -> ConfigFile.read(chosen, environment));
    }

    /// As [#read], and looks at the files that it names.
    Optional<Config> check(Map<String, String> environment) {
        return named(environment).map(chosen -> ConfigFile.check(chosen, environment));
    }

    private Optional<Path> named(Map<String, String> environment) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (file != null) {
            return Optional.of(file);
        }
        return named.isEmpty() ? Optional.empty() : Optional.of(new PathArgument().convert(named));
    }
}
