package dev.holdfast.cli.command;

import picocli.CommandLine.Option;

/// The options that every command has.
public final class SharedOptions {
    /// Where an archive may lie.
    static final String ARCHIVE =
            "The archive: a folder, or s3://bucket/prefix or gs://bucket/prefix.";

    @Option(
            names = "--json",
            description = "Print JSON for programs, one object a line; errors too.")
    private boolean isJson;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it, and shows the help
    private boolean isHelp;

    public boolean isJson() {
        return isJson;
    }
}
