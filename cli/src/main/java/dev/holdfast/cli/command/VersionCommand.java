package dev.holdfast.cli.command;

import dev.holdfast.cli.output.JsonObject;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Prints which Holdfast this is, and on which Java it runs.
@Command(name = "version", description = "Prints the version.")
public final class VersionCommand implements Runnable {
    private final Surroundings surroundings;

    @Mixin private SharedOptions shared = new SharedOptions();

    public VersionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        String version = version();
        String java = Runtime.version().toString();
        surroundings
                .out()
                .println(
                        shared.isJson()
                                ? new JsonObject().put("version", version).put("java", java)
                                : "holdfast " + version + " (Java " + java + ")");
    }

    /// The version that the build wrote into the jar, or "unpackaged" when run from class files.
    private static String version() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
