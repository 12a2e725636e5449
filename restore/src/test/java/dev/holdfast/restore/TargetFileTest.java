package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.storage.Pipes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

final class TargetFileTest {
    @TempDir private Path folder;

    @Test
    void whatAKilledRestoreLeftIsRemovedByTheNextToTheSamePlace() throws IOException {
        Path left = folder.resolve(".back.db.holdfast-restore-0123456789abcdef");
        Path ofAnother = folder.resolve(".other.db.holdfast-restore-0123456789abcdef");
        Files.write(left, new byte[100]);
        Files.write(ofAnother, new byte[100]);
        TargetFile.create(folder.resolve("back.db")).close();
        assertThat(left).doesNotExist();
        assertThat(ofAnother).exists();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeAndALinkOfItsNameAreNobodysToRemove() throws Exception {
        Path pipe = Pipes.make(folder.resolve(".back.db.holdfast-restore-pipe"));
        Path precious = Files.createFile(folder.resolve("precious"));
        Path link = folder.resolve(".back.db.holdfast-restore-link");
        Files.createSymbolicLink(link, precious);
        TargetFile.create(folder.resolve("back.db")).close();
        assertThat(pipe).exists();
        assertThat(link).isSymbolicLink();
    }

    @Test
    void theFileOfARestoreUnderWayIsLeftAlone() throws IOException {
        Path out = folder.resolve("back.db");
        try (TargetFile first = TargetFile.create(out)) {
            TargetFile.create(out).close();
            first.write(ByteBuffer.wrap(new byte[] {7}), 0);
            first.publish();
        }
        assertThat(out).hasBinaryContent(new byte[] {7});
    }
}
