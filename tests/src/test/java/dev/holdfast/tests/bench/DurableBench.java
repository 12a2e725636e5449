package dev.holdfast.tests.bench;

import dev.holdfast.format.Micros;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.FollowerEvent;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;

/// How long after an application's COMMIT has returned the store has acknowledged it. The follower
/// runs in this process, which hears of each acknowledgement at once.
final class DurableBench {
    /// Left out: the time in which Java compiles.
    private static final int WARM_UP = 200;

    private DurableBench() {}

    static void run(Path folder, OptionalInt seconds) throws IOException, InterruptedException {
        measure(
                "a folder",
                folder,
                inFolder(folder, "archive"),
                List.of(),
                seconds.orElse(60) * 100,
                Duration.ofMillis(10));
    }

    static void runWithPauses(Path folder, OptionalInt count)
            throws IOException, InterruptedException {
        measure(
                "a folder",
                folder,
                inFolder(folder, "archive"),
                List.of(),
                count.orElse(150),
                Duration.ofMillis(1_500));
    }

    /// In turn in the clear and encrypted.
    static void runSealed(Path folder, OptionalInt rounds)
            throws IOException, InterruptedException {
        List<Recipient> reader = List.of(Identity.generate().recipient());
        for (int round = 0; round < rounds.orElse(5); round++) {
            ObjectStore clear = inFolder(folder, "clear-" + round);
            measure("a folder", folder, clear, List.of(), 3_000, Duration.ofMillis(10));
            ObjectStore sealed = inFolder(folder, "sealed-" + round);
            measure("a folder, encrypted", folder, sealed, reader, 3_000, Duration.ofMillis(10));
        }
    }

    private static ObjectStore inFolder(Path folder, String name) throws IOException {
        return FileObjectStore.openForWriting(folder.resolve(name));
    }

    /// @param what the store is
    /// @param store closed by this
    /// @param readers for whom it is encrypted
    static void measure(
            String what,
            Path folder,
            ObjectStore store,
            List<Recipient> readers,
            int count,
            Duration pause)
            throws IOException, InterruptedException {
        Path database = folder.resolve("bench.db");
        ConcurrentSkipListMap<Long, Long> durableAt = new ConcurrentSkipListMap<>();
        CountDownLatch begun = new CountDownLatch(1);
        try (BenchApplication application =
                        BenchApplication.start(database, Workload.Kind.MESSAGE);
                Followed followed =
                        new Followed(
                                database,
                                store,
                                readers,
                                event -> {
                                    if (event
                                            instanceof
                                            FollowerEvent.Durable(
                                                    String _,
                                                    long tx,
                                                    long _,
                                                    long _,
                                                    long _)) {
                                        durableAt.put(tx, Micros.of(Instant.now()));
                                        begun.countDown();
                                    }
                                })) {
            begun.await();
            application.run(WARM_UP, Duration.ofMillis(10));
            application.run(count, pause);
            FollowerEnd end = followed.stop();
            long firstTx = end.capturedTx() - count + 1;
            long[] committedAt = application.times();
            Latencies lags = new Latencies();
            for (int i = 0; i < count; i++) {
                Map.Entry<Long, Long> acknowledged = durableAt.ceilingEntry(firstTx + i);
                if (acknowledged == null) {
                    throw new IOException("transaction " + (firstTx + i) + " is not durable");
                }
                lags.add(Math.max(0, 1000 * (acknowledged.getValue() - committedAt[i])));
            }
            System.out.printf(
                    "commit to durable in %s, %,d commits, one each %d ms: p50 %.1f ms, p99"
                            + " %.1f ms, longest %.1f ms%n",
                    what,
                    count,
                    pause.toMillis(),
                    lags.millis(0.5),
                    lags.millis(0.99),
                    lags.longestMillis());
        } finally {
            Bench.removeDatabase(database);
        }
    }
}
