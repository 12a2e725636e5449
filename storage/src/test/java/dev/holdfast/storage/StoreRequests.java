package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What tests put into a store, how they ask it for everything, and how they do so at once.
final class StoreRequests {
    private StoreRequests() {}

    static ObjectBody body(byte[] content) {
        return ObjectBody.of(ByteBuffer.wrap(content));
    }

    static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /// Short names over few letters, with all that sorts beside a slash; none is a folder of
    /// another.
    static NavigableSet<String> someNames(int count, SplittableRandom random) {
        NavigableSet<String> names = new TreeSet<>();
        while (names.size() < count) {
            StringBuilder name = new StringBuilder();
            name.append("abc".charAt(random.nextInt(3)));
            for (int length = random.nextInt(6); length > 0; length--) {
                name.append("abc/-.0".charAt(random.nextInt(7)));
            }
            String candidate = name.toString();
            boolean isFree =
                    names.stream()
                            .noneMatch(taken ->
                                    taken.startsWith(candidate + "/")
                                            || candidate.startsWith(taken + "/"));
            if (isFree && StoreNames.isValid(candidate)) {
                names.add(candidate);
            }
        }
        return names;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static ReadOutcome readOutcome(ObjectStore store, String name) throws IOException {
        return store.read(name, 0, ByteBuffer.allocate(1));
    }

    /// In ranges, as a restore does.
    static byte[] readAll(ObjectStore store, String name) throws IOException {
        if (!(readOutcome(store, name) instanceof ReadOutcome.Read first)) {
            throw new AssertionError(name + " is not there");
        }
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(first.objectBytes()));
        int range = 1 << 20;
        while (content.hasRemaining()) {
            content.limit(Math.min(content.capacity(), content.position() + range));
            ReadOutcome _ = store.read(name, content.position(), content);
            assertThat(content.hasRemaining()).isFalse();
            content.limit(content.capacity());
        }
        return content.array();
    }

    static List<String> names(ObjectStore store, String prefix) throws IOException {
        return names(store, prefix, null, StoreNames.MAX_PAGE);
    }

    static List<String> names(
            ObjectStore store, String prefix, @Nullable String startAfter, int limit)
            throws IOException {
        List<String> names = new ArrayList<>();
        String from = startAfter;
        while (true) {
            ListPage page = store.list(prefix, from, limit);
            assertThat(page.entries().size()).isLessThanOrEqualTo(limit);
            for (ListPage.Entry entry : page.entries()) {
                names.add(entry.name());
            }
            if (!page.isTruncated()) {
                return names;
            }
            from = names.getLast();
        }
    }

    static <T> List<T> race(List<Callable<T>> racers) throws Exception {
        CountDownLatch ready = new CountDownLatch(racers.size());
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> racer : racers) {
                running.add(
                        threads.submit(() -> {
                            ready.countDown();
                            ready.await();
                            return racer.call();
                        }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> racer : running) {
                results.add(racer.get());
            }
            return results;
        }
    }
}
