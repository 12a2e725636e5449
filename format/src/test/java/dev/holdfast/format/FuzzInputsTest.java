package dev.holdfast.format;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.util.stream.Stream;

/// What `./dev fuzz` starts from here, and all that it ever found, replayed.
final class FuzzInputsTest {
    @TestFactory
    Stream<DynamicTest> anArchiveInfoIsReadAsItWouldBeWritten() throws IOException {
        return FuzzInputs.replay("archive-info", ArchiveInfoFuzz::isRead);
    }
}
