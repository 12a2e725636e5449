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
        try {
            Plan plan = Plan.of(args);
            run(plan.rounds, plan.seed, plan.places, System.out::println);
        } catch (IllegalArgumentException e) {
            System.err.println(
                    "error: "
                            + e.getMessage()
                            + ", wanted --rounds N, --seed S or --store folder|s3");
            System.err.println("hint: Run ./dev soak --rounds 100, say.");
            System.exit(2);
        } catch (AssertionError e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private record Plan(int rounds, long seed, Place.Maker places) {
        static Plan of(String[] args) {
            Plan plan = new Plan(1000, System.nanoTime(), FOLDER);
            if (args.length % 2 != 0) {
                throw found(args[args.length - 1]);
            }
            for (int i = 0; i < args.length; i += 2) {
                plan = plan.with(args[i], args[i + 1]);
            }
            return plan;
        }

        private Plan with(String option, String value) {
            return switch (option) {
                case "--rounds" -> new Plan(Integer.parseInt(value), seed, places);
                case "--seed" -> new Plan(rounds, Long.parseLong(value), places);
                case "--store" -> new Plan(rounds, seed, places(value));
                default -> throw found(option);
            };
        }

        private static Place.Maker places(String kind) {
            return switch (kind) {
                case "folder" -> FOLDER;
                case "s3" -> Place.Bucket::new;
                default -> throw found(kind);
            };
        }

        private static IllegalArgumentException found(String what) {
            return new IllegalArgumentException("found " + what);
        }
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
