package dev.holdfast.cli;

import picocli.CommandLine.Command;

/// Prints which Holdfast this is, and on which Java it runs.
@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Runnable {
    @Override
    public void run() {
        System.out.println("holdfast " + version() + " (Java " + Runtime.version() + ")");
    }

    /// The version that the build wrote into the jar, or "unpackaged" when run from class files.
    private static String version() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
