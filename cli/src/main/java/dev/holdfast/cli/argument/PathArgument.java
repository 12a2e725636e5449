package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine.ITypeConverter;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Files and folders on the command line. An empty one, mostly an unset variable of a script, would
/// silently mean the working directory, and is refused.
public final class PathArgument implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
        if (text.isEmpty()) {
            throw new SidecarException.BadUsage(
                    "found an empty name, wanted a path",
                    "Give a path; . is the working directory.");
        }
        try {
            Path path = Path.of(text);
            Spelling.checkPlace(path);
            return path;
        } catch (InvalidPathException e) {
            // Java knows names only as far as the locale can spell them.
            throw new SidecarException.BadUsage(
                    "found \"" + text + "\", a name that the locale can't spell",
                    "Set LC_ALL=C.UTF-8 and run the command again.");
        }
    }
}
