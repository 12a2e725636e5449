package dev.holdfast.cli.command;

import dev.holdfast.cli.config.Config;
import dev.holdfast.cli.config.ConfigJson;
import dev.holdfast.cli.config.ConfigYaml;
import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.Optional;

/// Looks at a configuration file, and starts nothing.
@Command(name = "config", description = "Looks at a configuration file: check, or show.")
public final class ConfigCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it, and shows the help
    private boolean isHelp;

    @Spec private CommandSpec spec;

    private ConfigCommand() {}

    /// The command with its two.
    public static CommandLine of(Surroundings surroundings) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand(new Check(surroundings))
                .addSubcommand(new Show(surroundings));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "found no command, wanted check or show");
    }

    private static Config named(Optional<Config> config) {
        return config.orElseThrow(() ->
                new SidecarException.BadUsage(
                        "no configuration file is named",
                        "Name it by --config, or in the variable " + ConfigOption.VARIABLE + "."));
    }

    /// Says whether the file is good, or all that is wrong with it.
    @Command(
            name = "check",
            description = {
                "Checks a configuration file, and that the files of keys, credentials and"
                        + " certificates that it names can be read. Says all that is wrong with it,"
                        + " with line and column.",
                "Exit code: 0 if it is good, 2 if not."
            })
    public static final class Check implements Runnable {
        private final Surroundings surroundings;

        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private SharedOptions shared = new SharedOptions();

        Check(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            Config good = named(config.check(surroundings.environment()));
            int databases = good.databases().size();
            surroundings
                    .out()
                    .println(
                            shared.isJson()
                                    ? new JsonObject()
                                            .put("file", good.file())
                                            .put("databases", databases)
                                    : good.file()
                                            + " is good: "
                                            + Amounts.count(databases, "database", "databases"));
        }
    }

    /// Prints what is in force.
    @Command(
            name = "show",
            description =
                    "Shows what a configuration file comes to, with variables and defaults filled"
                            + " in, and in which line each value stands.")
    public static final class Show implements Runnable {
        private final Surroundings surroundings;

        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private SharedOptions shared = new SharedOptions();

        Show(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            Config shown = named(config.read(surroundings.environment()));
            if (shared.isJson()) {
                surroundings.out().println(ConfigJson.of(shown));
            } else {
                surroundings.out().print(ConfigYaml.of(shown));
            }
        }
    }
}
