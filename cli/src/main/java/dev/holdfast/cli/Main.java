package dev.holdfast.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The command `holdfast`. A command is a class of its own and is listed here.
@Command(
        name = "holdfast",
        description = "Archives every commit of a live SQLite database, and restores any of them.",
        subcommands = {VersionCommand.class, HelpCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    private Main() {}

    /// Runs one command and exits with its code; the codes are in `docs/operations.md`.
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
    }
}
