package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A folder as a store, and a loss of power after any number of actions.
final class FolderPowerLossTest {
    private static final int ROUNDS = 400;
    private static final int OBJECTS = 6;
    private static final int MOST_ACTIONS = 45;

    private final long seed = Long.getLong("seed", System.nanoTime());
    @TempDir private Path folder;

    @Test
    void whatWasAcknowledgedIsThereAndNothingIsThereInPart() throws IOException {
        System.getLogger(getClass().getName()).log(System.Logger.Level.INFO, "seed=" + seed);
        int acknowledged = 0;
        for (int round = 0; round < ROUNDS; round++) {
            acknowledged += loseAndLook(new SplittableRandom(seed + round), round);
        }
        assertThat(acknowledged).isGreaterThan(ROUNDS);
    }

    private int loseAndLook(SplittableRandom random, int round) throws IOException {
        Path before = Files.createDirectory(folder.resolve("before-" + round));
        Path after = Files.createDirectory(folder.resolve("after-" + round));
        CrashingFiles files = new CrashingFiles(before, random.nextInt(MOST_ACTIONS));
        Map<String, byte[]> wanted = new HashMap<>();
        List<String> acknowledged = new ArrayList<>();
        try (ObjectStore store = FileObjectStore.openForWriting(before, files)) {
            for (int i = 0; i < OBJECTS; i++) {
                String name = (random.nextBoolean() ? "log/" : "snapshots/") + i;
                byte[] content = new byte[random.nextInt(3000)];
                random.nextBytes(content);
                wanted.put(name, content);
                put(store, name, content, random.nextBoolean());
                acknowledged.add(name);
            }
        } catch (CrashingFiles.PowerLost _) {
            // that is what is tried
        }
        files.crash(random, after);
        look(after, wanted, acknowledged);
        return acknowledged.size();
    }

    private static void put(ObjectStore store, String name, byte[] content, boolean isStreamed)
            throws IOException {
        if (isStreamed) {
            try (ObjectUpload upload = store.upload(name)) {
                upload.write(ByteBuffer.wrap(content));
                assertThat(upload.commit()).isInstanceOf(CreateOutcome.Created.class);
            }
        } else {
            assertThat(store.create(name, ObjectBody.of(ByteBuffer.wrap(content))))
                    .isInstanceOf(CreateOutcome.Created.class);
        }
    }

    private static void look(Path after, Map<String, byte[]> wanted, List<String> acknowledged)
            throws IOException {
        try (ObjectStore store = FileObjectStore.openForReading(after)) {
            List<String> found = new ArrayList<>();
            for (ListPage.Entry entry : store.list("", null, 100).entries()) {
                found.add(entry.name());
                assertThat(Files.readAllBytes(after.resolve(entry.name())))
                        .isEqualTo(wanted.get(entry.name()));
            }
            assertThat(found).containsAll(acknowledged);
        }
    }
}
