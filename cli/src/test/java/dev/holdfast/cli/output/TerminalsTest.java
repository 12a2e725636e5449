package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TerminalsTest {
    @ParameterizedTest
    @ValueSource(strings = {"/dev/pts/3", "/dev/tty", "/dev/tty1", "/dev/ttyS0", "/dev/console"})
    void aPersonReadsATerminal(String device) {
        assertThat(Terminals.isTerminalDevice(device)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe:[4711]", "/dev/null", "/var/log/holdfast.log", "socket:[12]"})
    void nobodyReadsAPipeOrAFile(String target) {
        assertThat(Terminals.isTerminalDevice(target)).isFalse();
    }
}
