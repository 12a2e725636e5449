package dev.holdfast.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A file system of a few megabytes, to be filled while programs work on it. The test is skipped
/// where this user may not mount one.
public final class SmallDisk implements AutoCloseable {
    private static final int CHUNK_BYTES = 4096;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /// Mounts one.
    ///
    /// @param folder made, and mounted on
    public static SmallDisk mount(Path folder, int megabytes) {
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String size = "size=" + megabytes + "m";
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", size, "holdfast-test", folder.toString()),
                "SKIPPED: programs on a full disk are not tested, as this user may not mount a"
                        + " tmpfs");
        return new SmallDisk(folder);
    }

    private static boolean run(String... command) {
        try (Program program = Program.start(command[0], Path.of("/"), List.of(command))) {
            return program.awaitExit() == 0;
        }
    }

    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /// Takes all the room that there is, to the last page.
    public void fill() {
        try (java.io.OutputStream out = Files.newOutputStream(filling())) {
            byte[] chunk = new byte[CHUNK_BYTES];
            while (true) {
                out.write(chunk);
            }
        } catch (IOException _) {
            // full: what was wanted
        }
    }

    /// Takes all the room but so many pages.
    public void fillBut(int pages) {
        fill();
        try (FileChannel file = FileChannel.open(filling(), StandardOpenOption.WRITE)) {
            file.truncate(Math.max(0, file.size() - (long) pages * CHUNK_BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void makeRoom() {
        try {
            Files.delete(filling());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path filling() {
        return folder.resolve("filling");
    }

    /// Whoever still has files open there keeps it until it ends.
    @Override
    public void close() {
        boolean _ = run("umount", "-l", folder.toString());
    }
}
