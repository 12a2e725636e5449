package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.format.failure.SidecarException.LocalFiles;
import dev.holdfast.storage.Pipes;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A spool in which something else has a file's name: neither a start nor `status` opens it.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class IrregularSpoolTest {
    @TempDir private Path state;

    @Test
    void aPipeAmongItsFilesIsNamedAndNotOpened() throws Exception {
        Path spool = Files.createDirectory(state.resolve("spool"));
        Path pipe = Pipes.make(spool.resolve("0000000000000001.spool"));
        assertRefused(() -> Spool.open(spool), pipe + " is a pipe, wanted a file");
        assertRefused(() -> SpoolStatus.read(state, 0), pipe + " is a pipe, wanted a file");
    }

    @Test
    void aPipeInItsPlaceIsNamed() throws Exception {
        Path pipe = Pipes.make(state.resolve("spool"));
        assertRefused(() -> Spool.open(pipe), pipe + " is a pipe, wanted a folder");
        assertRefused(() -> SpoolStatus.read(state, 0), pipe + " is a pipe, wanted a folder");
    }

    private static void assertRefused(ThrowingCallable opening, String message) {
        assertThatExceptionOfType(LocalFiles.class).isThrownBy(opening).withMessage(message);
    }
}
