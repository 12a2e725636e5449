package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;

import java.nio.file.Path;

/// Whether Java could read the names that it was given. What is not UTF-8, or not of the locale,
/// silently becomes U+FFFD where Java makes a string of it: that would be another file, which is
/// made, or waited for.
public final class Spelling {
    private static final char UNREADABLE = '\ufffd';

    private Spelling() {}

    /// Refuses what could not be read of a command line.
    public static void check(String[] args) {
        for (String arg : args) {
            refuse("found the argument", arg);
        }
    }

    /// Refuses a file or folder that the command line names from a working directory whose own name
    /// could not be read.
    public static void checkPlace(Path named) {
        if (isUnreadable(named.toAbsolutePath().toString())) {
            refuse("the working directory is", System.getProperty("user.dir", ""));
        }
    }

    /// Refuses a database whose name could not be read.
    ///
    /// @param database the file that links lead to
    public static void check(Path database) {
        refuse("the database is", database.toString());
    }

    private static boolean isUnreadable(String text) {
        return text.indexOf(UNREADABLE) >= 0;
    }

    private static void refuse(String found, String text) {
        if (isUnreadable(text)) {
            throw new SidecarException.BadUsage(
                    "%s \"%s\", which is not UTF-8 where %c stands, or not of the locale"
                            .formatted(found, text, UNREADABLE),
                    "Set LC_ALL=C.UTF-8; if that does not help, give the file or folder a name in"
                            + " UTF-8, or name what lies elsewhere by its absolute path.");
        }
    }
}
