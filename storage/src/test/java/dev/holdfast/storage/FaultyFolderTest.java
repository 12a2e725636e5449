package dev.holdfast.storage;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/// The contract holds behind retries, whatever happens to a folder.
final class FaultyFolderTest extends ObjectStoreContract {
    private static final long SEED = Long.getLong("seed", 20_260_102L);

    @TempDir private Path root;

    private int opened;

    @Override
    protected ObjectStore open() throws IOException {
        ManualClock clock = new ManualClock();
        ObjectStore folder = FileObjectStore.openForWriting(root);
        ObjectStore faulty =
                new FaultyObjectStore(
                        folder, SEED + opened++, FaultyMemoryTest.chances(), clock::pass);
        return new RetryingObjectStore(faulty, RetryPolicy.DEFAULT, clock, new Random(SEED));
    }

    @Override
    protected boolean answersMayBeLost() {
        return true;
    }
}
