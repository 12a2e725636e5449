package dev.holdfast.storage.archive;

import dev.holdfast.format.FuzzInputs;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.util.stream.Stream;

/// What `./dev fuzz` starts from here, and all that it ever found, replayed.
final class FuzzInputsTest {
    @TestFactory
    Stream<DynamicTest> aLogObjectIsRefusedOrWhatTheCodecsSay() throws IOException {
        return FuzzInputs.replay("log", LogFuzz::isRead);
    }

    @TestFactory
    Stream<DynamicTest> whatIsEncryptedIsRefusedOrOpened() throws IOException {
        return FuzzInputs.replay("sealed", SealedFuzz::isRead);
    }

    @TestFactory
    Stream<DynamicTest> aSnapshotIsRefusedOrWhatTheCodecsSay() throws IOException {
        return FuzzInputs.replay("snapshot", SnapshotFuzz::isRead);
    }
}
