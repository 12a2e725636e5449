package dev.holdfast.tests.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory that a virtual machine has given back to its host is slow for whoever touches it first: a
/// copy of a gigabyte was seen to take 0.6 s and 2.9 s.
final class FreeMemory {
    /// More than what is measured writes.
    private static final long BYTES = 2_500L << 20;

    private static final long PAGE_BYTES = 4096;

    private FreeMemory() {}

    /// Touches it, so that what is measured next finds it there.
    static void touch() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(BYTES);
            for (long at = 0; at < BYTES; at += PAGE_BYTES) {
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
            }
        }
    }
}
