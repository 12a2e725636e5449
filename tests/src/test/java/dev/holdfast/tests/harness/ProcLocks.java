package dev.holdfast.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The POSIX locks that a process holds, as the kernel lists them. Looks from outside: to ask the
/// process itself, by opening the file, would drop them.
public final class ProcLocks {
    private static final Path LOCKS = Path.of("/proc/locks");

    private final long pid;

    public ProcLocks(long pid) {
        this.pid = pid;
    }

    /// The process's locks on a file, each as its line of `/proc/locks`.
    public List<String> on(Path file) {
        try {
            // "1: POSIX  ADVISORY  READ 4711 fe:00:131073 124 124", and "->" for one that waits
            String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
            return Files.readAllLines(LOCKS).stream()
                    .filter(line -> line.contains(" POSIX ") && !line.contains("->"))
                    .filter(line -> line.contains(" " + pid + " ") && line.contains(inode))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
