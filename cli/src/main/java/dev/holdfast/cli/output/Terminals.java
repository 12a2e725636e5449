package dev.holdfast.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which of the standard streams a person looks at.
public final class Terminals {
    private Terminals() {}

    public static boolean isOutTerminal() {
        return isTerminal(1);
    }

    public static boolean isErrTerminal() {
        return isTerminal(2);
    }

    /// Java can say it of standard input and output together only, so Linux is asked: the link of a
    /// descriptor names the device. Elsewhere nobody is taken for a terminal.
    private static boolean isTerminal(int descriptor) {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            Path link = Path.of("/proc/self/fd/" + descriptor);
            return isTerminalDevice(Files.readSymbolicLink(link).toString());
        } catch (IOException _) {
            return false; // the descriptor is closed, or there is no /proc
        }
    }

    static boolean isTerminalDevice(String path) {
        return path.startsWith("/dev/pts/")
                || path.startsWith("/dev/tty")
                || path.equals("/dev/console");
    }
}
