package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/// Named pipes, for tests: whoever opens one waits for somebody at its other end.
public final class Pipes {
    private Pipes() {}

    /// Makes one.
    public static Path make(Path path) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
        return path;
    }
}
