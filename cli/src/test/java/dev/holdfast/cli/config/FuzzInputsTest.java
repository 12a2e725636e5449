package dev.holdfast.cli.config;

import dev.holdfast.format.FuzzInputs;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.util.stream.Stream;

/// What `./dev fuzz` starts from here, and all that it ever found, replayed.
final class FuzzInputsTest {
    @TestFactory
    Stream<DynamicTest> aFileIsRefusedOrShownAsOneThatMeansTheSame() throws IOException {
        return FuzzInputs.replay("config", ConfigFuzz::isRead);
    }
}
