package dev.holdfast.tests.bench;

import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.s3.MinioProcess;
import dev.holdfast.storage.s3.S3Server;
import dev.holdfast.storage.s3.TestBucket;
import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The same with the archive in a bucket of a MinIO on this machine: durability without a budget, a
/// restore against plain ranged GETs, memory, and what a day's requests cost.
final class BucketBench {
    private static final int RANGE_BYTES = 8 << 20;
    private static final int RANGES_AT_ONCE = 4;

    private static final int MANY_COMMITS = 6_000;
    private static final int MANY_RUNS = 3;
    private static final int OBJECTS_AT_ONCE = 16;
    private static final int MOST_OF_ONE = 64 << 10;

    /// Amazon's list price in us-east-1, in dollars: a thousand PUTs or listings, a thousand GETs,
    /// and a gigabyte for a month.
    private static final double PUTS_PRICE = 0.005;

    private static final double GETS_PRICE = 0.0004;

    private static final double STORAGE_PRICE = 0.023;

    private final Path folder;
    private final TestBucket bucket;
    private final Map<String, String> variables;

    private BucketBench(Path folder, TestBucket bucket) {
        this.folder = folder;
        this.bucket = bucket;
        this.variables =
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        bucket.server().accessKey(),
                        "AWS_SECRET_ACCESS_KEY",
                        bucket.server().secretKey());
    }

    static void run(Path folder, OptionalInt rounds) throws Exception {
        Path data = folder.resolve("minio");
        try (MinioProcess server =
                MinioProcess.start(S3Server.program(), data, MinioProcess.Data.KEPT)) {
            BucketBench bench = new BucketBench(folder, TestBucket.makeOn(server.server()));
            bench.restore(rounds.orElse(5));
            bench.manyObjects(rounds.orElse(5));
            bench.durable();
            bench.memory();
            bench.day("idle", Workload.Kind.CHAT, 0, Duration.ofMinutes(2));
            bench.day("a chat, a commit every 20 s", Workload.Kind.CHAT, 6, Duration.ofSeconds(20));
            bench.day("100 commits a second", Workload.Kind.CHAT, 6_000, Duration.ofMillis(10));
        }
    }

    private void durable() throws IOException, InterruptedException {
        try (ObjectStore store = bucket.open("durable")) {
            DurableBench.measure(
                    "a bucket", folder, store, List.of(), 6_000, Duration.ofMillis(10));
        }
    }

    private Replication follow(Path database, String prefix) {
        Replication replication =
                Replication.startTo(bucket.location(prefix, ""), variables, database);
        Json _ = replication.awaitEvent("snapshot");
        return replication;
    }

    private void memory() throws IOException {
        Path database = folder.resolve("memory.db");
        try (BenchApplication application =
                        BenchApplication.start(database, Workload.Kind.MESSAGE);
                Replication replication = follow(database, "memory")) {
            application.run(20_000, Duration.ofMillis(1));
            System.out.printf(
                    "resident memory of the follower with a bucket: at most %.0f MB after 20,000"
                            + " commits at 1,000 a second%n",
                    ProcessUse.peakMegabytes(replication.pid()));
            replication.stop();
        }
        Bench.removeDatabase(database);
    }

    /// By what some minutes took, beside the start and the end of the run.
    private void day(String what, Workload.Kind kind, int commits, Duration pause)
            throws IOException {
        Use without = use(kind, 0, Duration.ZERO);
        Use with = use(kind, commits, pause);
        double length = commits == 0 ? pause.toSeconds() : commits * pause.toNanos() / 1e9;
        double days = length / Duration.ofDays(1).toSeconds();
        double puts = (with.puts - without.puts) / days;
        double gets = (with.gets - without.gets) / days;
        double megabytes = Math.max(0, with.bytes - without.bytes) / 1048576.0 / days;
        double month = 30 * (puts * PUTS_PRICE + gets * GETS_PRICE) / 1000;
        double stored = 30 * megabytes / 1024 * STORAGE_PRICE;
        System.out.printf(
                "a day of %s: %,.0f PUTs, %,.0f GETs, %,.1f MB; a month costs %.2f"
                        + " dollars of requests, and %.2f for what it has stored at its end%n",
                what, puts, gets, megabytes, month, stored);
    }

    /// What a run has cost.
    private record Use(long puts, long gets, long bytes) {}

    private Use use(Workload.Kind kind, int commits, Duration pause) throws IOException {
        Path database = folder.resolve("day.db");
        String prefix = "day-" + System.nanoTime();
        try (BenchApplication application = BenchApplication.start(database, kind);
                Replication replication = follow(database, prefix)) {
            if (commits > 0) {
                application.run(commits, pause);
            } else {
                LockSupport.parkNanos(pause.toNanos());
            }
            replication.stop();
            Json requests = replication.requests();
            return new Use(
                    sum(
                            requests,
                            "put",
                            "begin_upload",
                            "part",
                            "complete_upload",
                            "list",
                            "list_uploads",
                            "list_parts"),
                    sum(requests, "get", "head"),
                    bytes(prefix));
        } finally {
            Bench.removeDatabase(database);
        }
    }

    private static long sum(Json requests, String... kinds) {
        return Stream.of(kinds).filter(requests::has).mapToLong(requests::number).sum();
    }

    private long bytes(String prefix) throws IOException {
        try (ObjectStore store = bucket.open(prefix)) {
            return store.list("", null, 1_000).entries().stream()
                    .mapToLong(ListPage.Entry::bytes)
                    .sum();
        }
    }

    private void restore(int rounds) throws IOException, SQLException {
        Path database = folder.resolve("large.db");
        LargeDatabase.write(database);
        try (Replication replication = follow(database, "large")) {
            replication.stop();
        }
        System.out.printf("restore of %,d MB from a bucket%n", Files.size(database) >> 20);
        Bench.removeDatabase(database);
        try (ObjectStore store = bucket.open("large")) {
            ListPage.Entry snapshot = store.list("snapshots/", null, 1).entries().getFirst();
            new Comparison(
                            "restore",
                            () -> Comparison.time(() -> restoreOnce("large")),
                            "ranged GETs",
                            () -> Comparison.time(() -> get(store, snapshot)))
                    .print(rounds);
        }
    }

    /// What an hour or two of a busy application leave: its commits, an object each.
    private void manyObjects(int rounds) throws IOException {
        Path database = folder.resolve("many.db");
        try (BenchApplication application = BenchApplication.start(database, Workload.Kind.CHAT);
                Replication replication =
                        Replication.startIn(
                                folder,
                                variables,
                                database.toString(),
                                "--to",
                                bucket.location("many", ""),
                                "--uploads-per-second",
                                "unlimited")) {
            Json _ = replication.awaitEvent("snapshot");
            for (int i = 0; i < MANY_RUNS; i++) {
                application.run(MANY_COMMITS / MANY_RUNS, Duration.ofMillis(20));
            }
            replication.stop();
        }
        Bench.removeDatabase(database);
        try (ObjectStore store = bucket.open("many")) {
            List<String> objects = names(store, "log/");
            System.out.printf("restore of %,d log objects from a bucket%n", objects.size());
            new Comparison(
                            "restore",
                            () -> Comparison.time(() -> restoreOnce("many")),
                            "GETs, sixteen at a time",
                            () -> Comparison.time(() -> getAll(store, objects)))
                    .print(rounds);
        }
    }

    private static List<String> names(ObjectStore store, String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        ListPage page;
        do {
            page = store.list(prefix, names.isEmpty() ? null : names.getLast(), 1_000);
            page.entries().forEach(entry -> names.add(entry.name()));
        } while (page.isTruncated());
        return names;
    }

    private void restoreOnce(String prefix) throws IOException {
        Path out = folder.resolve("out.db");
        Holdfast.Finished finished =
                Holdfast.run(
                        folder,
                        variables,
                        "restore",
                        "--from",
                        bucket.location(prefix, ""),
                        "--out",
                        out.toString());
        if (finished.exit() != 0) {
            throw new IOException("failed: " + finished);
        }
        Bench.removeDatabase(out);
    }

    /// All of an object, some ranges at a time, and nothing done with it.
    private static void get(ObjectStore store, ListPage.Entry object) throws IOException {
        List<Callable<Integer>> ranges = new ArrayList<>();
        for (long at = 0; at < object.bytes(); at += RANGE_BYTES) {
            long from = at;
            ranges.add(() -> read(store, object.name(), from, RANGE_BYTES));
        }
        together(RANGES_AT_ONCE, ranges);
    }

    private static void getAll(ObjectStore store, List<String> objects) throws IOException {
        together(
                OBJECTS_AT_ONCE,
                objects.stream()
                        .map(name -> (Callable<Integer>) () -> read(store, name, 0, MOST_OF_ONE))
                        .toList());
    }

    private static int read(ObjectStore store, String name, long offset, int most)
            throws IOException {
        ByteBuffer into = ByteBuffer.allocate(most);
        ReadOutcome _ = store.read(name, offset, into);
        return into.position();
    }

    private static void together(int atOnce, List<Callable<Integer>> reads) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            for (Future<Integer> read : threads.invokeAll(reads)) {
                Integer _ = read.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(e);
        }
    }
}
