package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

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
