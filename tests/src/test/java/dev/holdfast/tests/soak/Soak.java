package dev.holdfast.tests.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Campaign after campaign: `./dev soak --rounds N --seed S`.
public final class Soak {
    static final Place.Maker FOLDER = folder -> new Place.Folder(folder.resolve("archive"));

    private static final int ROUNDS_OF_A_CAMPAIGN = 12;

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

    /// Runs so many rounds. The random choices follow from the seed, the moments do not.
    ///
    /// @throws AssertionError if a promise was broken; it names the seed and the folder, which is
    ///   kept
    static Tally run(int rounds, long seed, Place.Maker places, Consumer<String> out)
            throws IOException {
        out.accept("soak: %d rounds, seed %d".formatted(rounds, seed));
        Tally total = Tally.NONE;
        for (long campaign = seed; total.rounds() < rounds; campaign++) {
            int count = Math.min(ROUNDS_OF_A_CAMPAIGN, rounds - total.rounds());
            total = total.plus(campaign(campaign, count, places, out));
            out.accept("in all: " + total);
        }
        return total;
    }

    private static Tally campaign(long seed, int rounds, Place.Maker places, Consumer<String> out)
            throws IOException {
        Path folder = Files.createTempDirectory("holdfast-soak-");
        Tally tally = rounds(seed, folder, rounds, places, out);
        remove(folder);
        return tally;
    }

    private static Tally rounds(
            long seed, Path folder, int rounds, Place.Maker places, Consumer<String> out)
            throws IOException {
        try (Campaign campaign = new Campaign(seed, folder, places.in(folder))) {
            try {
                boolean isOver = false;
                for (int i = 0; i < rounds && !isOver; i++) {
                    isOver = !campaign.round();
                }
            } catch (RuntimeException | AssertionError e) {
                campaign.keepEvents();
                throw new AssertionError(
                        "%s\n  %s\n  kept: %s\n  again: ./dev soak --rounds %d --seed %d"
                                .formatted(e, campaign.describe(), folder, rounds, seed),
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
