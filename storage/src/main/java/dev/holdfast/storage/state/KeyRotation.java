package dev.holdfast.storage.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A request to whoever writes a state folder, to draw another data key: the empty file
/// `rotate-key`, which the writer removes once it is done. Nothing of it is forced: each start
/// draws one anyway.
public final class KeyRotation {
    static final String FILE = "rotate-key";

    private KeyRotation() {}

    /// Asks, in a state folder that is there.
    public static void ask(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Files.createFile(file, StateFolder.ownerOnly("rw-------"));
        } catch (FileAlreadyExistsException _) {
            // Somebody has asked just now
        } catch (IOException e) {
            throw StateFolder.localFiles("write", file, e);
        }
    }

    /// Whether it was asked for and is not done.
    public static boolean isAsked(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /// It is done, or nobody waits for it any more.
    public static void done(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw StateFolder.localFiles("write", file, e);
        }
    }
}
