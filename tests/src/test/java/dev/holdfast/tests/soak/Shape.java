package dev.holdfast.tests.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What the database of a campaign is, and how its application uses it.
///
/// @param options of the writers, see `storm_writer.py`
/// @param isLarge whether Holdfast copies it while it moves
record Shape(List<String> options, boolean isLarge) {
    private static final int LARGE_BYTES = 18 << 20;

    static Shape random(RandomGenerator random) {
        List<String> options = new ArrayList<>();
        int pageSize = pick(random, 4096, 4096, 4096, 512, 1024, 8192, 16384, 65536);
        boolean isLarge = random.nextInt(6) == 0;
        options.add("page_size=" + pageSize);
        options.add("auto_vacuum=" + random.nextInt(3));
        options.add("wal_autocheckpoint=" + pick(random, 1000, 1000, 0, 20, 200));
        options.add("synchronous=" + pick(random, 1, 1, 2, 0));
        options.add("cache_size=" + pick(random, -2000, -2000, 20));
        options.add("journal_size_limit=" + pick(random, -1, -1, 0, 100_000));
        options.add("pause=" + pick(random, 0, 2, 5, 20));
        options.add(
                "pages=" + pick(random, 40, 40, 400, 2_000_000 / pageSize, isLarge ? 5000 : 40));
        options.add("fill=" + (isLarge ? LARGE_BYTES / pageSize : pick(random, 0, 0, 100)));
        return new Shape(List.copyOf(options), isLarge);
    }

    private static int pick(RandomGenerator random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
