package dev.holdfast.storage.copies;

import dev.holdfast.storage.ReadOutcome;

import java.nio.ByteBuffer;

/// An object whose bytes are here.
final class KeptObject {
    private final byte[] bytes;

    KeptObject(byte[] bytes) {
        this.bytes = bytes;
    }

    ReadOutcome read(long offset, ByteBuffer into) {
        int count = Math.clamp(bytes.length - offset, 0, into.remaining());
        into.put(bytes, (int) Math.min(offset, bytes.length), count);
        return new ReadOutcome.Read(count, bytes.length);
    }
}
