package dev.holdfast.tests.soak;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Campaign after campaign: `./dev soak --rounds N --seed S`.
public final class Soak {
    static final Place.Maker FOLDER = folder -> new Place.Folder(folder.resolve("archive"));

    private static final int AT_ONCE = 2;

    private Soak() {}

    /// Runs as many rounds as are asked for; exit code 1 if a promise was broken.
    ///
    /// @param args `--rounds N`, `--seed S`, `--store folder` or `s3`
    public static void main(String[] args) throws IOException {
        int rounds = 1000;
        long seed = System.nanoTime();
        Place.Maker places = FOLDER;
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
                case "--seed" -> seed = Long.parseLong(args[i + 1]);
                case "--store" -> places = args[i + 1].equals("s3") ? Place.Bucket::new : FOLDER;
                default -> usage(args[i]);
            }
        }
        if (args.length % 2 != 0) {
            usage(args[args.length - 1]);
        }
        try {
            run(rounds, seed, places, System.out::println);
        } catch (AssertionError e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void usage(String found) {
        System.err.println(
                "error: found " + found + ", wanted --rounds N, --seed S or --store folder|s3");
        System.err.println("hint: Run ./dev soak --rounds 100, say.");
        System.exit(2);
    }

    /// Runs so many rounds, two campaigns at a time: each waits half of its time, for disks and
    /// processes. The random choices follow from the seed, the moments do not.
    ///
    /// @throws AssertionError if a promise was broken; it names the seed and the folder, which is
    ///   kept
    static Tally run(int rounds, long seed, Place.Maker places, Consumer<String> out)
            throws IOException {
        out.accept("soak: %d rounds, seed %d".formatted(rounds, seed));
        Quota quota = new Quota(rounds, seed, out);
        try (ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE)) {
            Callable<Void> runner = () -> campaigns(quota, places, out);
            for (Future<Void> end : runners.invokeAll(Collections.nCopies(AT_ONCE, runner))) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new InterruptedIOException(e.toString());
        }
        return quota.total();
    }

    private static Void campaigns(Quota quota, Place.Maker places, Consumer<String> out)
            throws IOException {
        try {
            for (Optional<Quota.Part> next = quota.next(); next.isPresent(); next = quota.next()) {
                Path folder = Files.createTempDirectory("holdfast-soak-");
                quota.done(next.get(), rounds(next.get(), folder, places, out));
                remove(folder);
            }
            return null;
        } finally {
            quota.close();
        }
    }

    private static Tally rounds(
            Quota.Part part, Path folder, Place.Maker places, Consumer<String> out)
            throws IOException {
        try (Campaign campaign = new Campaign(part.seed(), folder, places.in(folder))) {
            try {
                boolean isOver = false;
                for (int i = 0; i < part.rounds() && !isOver; i++) {
                    isOver = !campaign.round();
                }
            } catch (RuntimeException | AssertionError e) {
                campaign.keepEvents();
                throw new AssertionError(
                        "%s\n  %s\n  kept: %s\n  again: ./dev soak --rounds %d --seed %d"
                                .formatted(
                                        e, campaign.describe(), folder, part.rounds(), part.seed()),
                        e);
            }
            out.accept(campaign.describe());
            return campaign.tally();
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
