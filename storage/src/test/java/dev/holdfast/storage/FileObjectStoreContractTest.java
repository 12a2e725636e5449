package dev.holdfast.storage;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

final class FileObjectStoreContractTest extends ObjectStoreContract {
    @TempDir private Path parent;

    @Override
    protected ObjectStore open() throws IOException {
        return FileObjectStore.openForWriting(parent.resolve("new/archive"));
    }
}
