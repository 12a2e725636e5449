package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.LogReader;
import dev.holdfast.storage.archive.OpenOutcome;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The log as it lies in a store, for tests to look at, and to write on as another writer.
final class StoredLog {
    private StoredLog() {}

    static Archive archive(ObjectStore store) throws IOException {
        try {
            if (Archive.open(store) instanceof OpenOutcome.Found(Archive archive)) {
                return archive;
            }
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no archive in " + store.location());
    }

    /// Of all objects.
    static List<String> names(InMemoryObjectStore store) {
        return store.list("", null, 1_000).entries().stream().map(ListPage.Entry::name).toList();
    }

    static Optional<LogEnd> end(ObjectStore store) throws IOException {
        try {
            return archive(store).end(1);
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
    }

    /// All segments, each checked with its body as the follower of the one before.
    static List<SegmentHeader> segments(ObjectStore store) throws IOException {
        List<SegmentHeader> segments = new ArrayList<>();
        try (LogReader reader = archive(store).log(1)) {
            for (Optional<SegmentHeader> next = reader.next();
                    next.isPresent();
                    next = reader.next()) {
                reader.verify();
                segments.add(next.get());
            }
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
        return segments;
    }

    /// Turns a bit of an object, in the byte that is `fromEnd` bytes before its end.
    static void damage(InMemoryObjectStore store, String name, int fromEnd) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
        assertThat(store.read(name, 0, bytes)).isInstanceOf(ReadOutcome.Read.class);
        bytes.flip();
        int at = bytes.limit() - fromEnd;
        bytes.put(at, (byte) (bytes.get(at) ^ 1));
        assertThat(store.delete(name)).isInstanceOf(DeleteOutcome.Deleted.class);
        assertThat(store.create(name, ObjectBody.of(bytes)))
                .isInstanceOf(CreateOutcome.Created.class);
    }

    /// Adds a claim of this writer, as the smallest thing that a rival can do.
    static void claim(ObjectStore store, WriterId writer) throws IOException {
        Claim claim =
                Claim.after(
                        end(store).orElseThrow(), writer, Codec.ZSTD, false, Timekeeper.system());
        assertThat(claim.storeIn(store)).isInstanceOf(CreateOutcome.Created.class);
    }
}
