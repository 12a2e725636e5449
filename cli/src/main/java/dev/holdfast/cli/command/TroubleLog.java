package dev.holdfast.cli.command;

import dev.holdfast.replicator.FollowerEvent.Part;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Decides when a trouble is told: at once, then at growing distances as long as it goes on, and
/// once when it is over. What is tried again twice a second would else fill the disk with its log.
///
/// Two troubles are the same if their cause is, and where they are: what is told is what was said
/// first, so that the end has the same words. While one part fails, in whatever words, none of its
/// troubles is over. Not thread-safe.
final class TroubleLog {
    private static final long FIRST_DISTANCE = Duration.ofSeconds(10).toNanos();
    private static final long DISTANCE_FACTOR = 3;
    private static final long LONGEST_DISTANCE = Duration.ofSeconds(60).toNanos();

    /// After a success of the part that failed: what fails every other time goes on.
    private static final long QUIET_AFTER_SUCCESS = Duration.ofSeconds(5).toNanos();

    /// Without one: longer than anything but a snapshot waits before it tries again.
    private static final long QUIET = Duration.ofSeconds(60).toNanos();

    /// More at the same time are one trouble with changing words.
    private static final int MAX_TROUBLES = 16;

    private final LongSupplier nanoTime;
    private final Map<Key, Trouble> troubles = new LinkedHashMap<>();

    private record Key(Part part, String cause) {}

    /// What is to be told of a trouble.
    ///
    /// @param what was said of it when it began
    /// @param times how often it has happened since it began
    /// @param lasted from the first time to the last, or until its part worked again
    record Told(String what, long times, Duration lasted) {}

    private static final class Trouble {
        private final String what;
        private final long since;
        private long lastAt;
        private long times;
        private long toldAt;
        private long distance;
        private boolean hasWorkedSince;
        private long workedAt;

        private Trouble(String what, long now) {
            this.what = what;
            this.since = now;
        }

        private Told told() {
            long until = hasWorkedSince ? workedAt : lastAt;
            return new Told(what, times, Duration.ofNanos(until - since));
        }
    }

    /// @param nanoTime as [System#nanoTime]
    TroubleLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Something went wrong; returns what is to be told of it now.
    ///
    /// @param cause does not vary while it lasts
    /// @param what may
    Optional<Told> happened(Part part, String cause, String what) {
        long now = nanoTime.getAsLong();
        Key key = new Key(part, cause);
        Trouble before = troubles.remove(key);
        Trouble trouble = before == null ? new Trouble(what, now) : before;
        troubles.put(key, trouble); // the last one is the latest
        if (troubles.size() > MAX_TROUBLES) {
            troubles.remove(troubles.keySet().iterator().next());
        }
        trouble.times++;
        trouble.lastAt = now;
        trouble.hasWorkedSince = false;
        if (trouble.times > 1 && now - trouble.toldAt < trouble.distance) {
            return Optional.empty();
        }
        trouble.toldAt = now;
        trouble.distance =
                Math.clamp(trouble.distance * DISTANCE_FACTOR, FIRST_DISTANCE, LONGEST_DISTANCE);
        return Optional.of(trouble.told());
    }

    /// This part has done what it should.
    void worked(Part part) {
        long now = nanoTime.getAsLong();
        troubles.forEach((key, trouble) -> {
            if (key.part.equals(part) && !trouble.hasWorkedSince) {
                trouble.hasWorkedSince = true;
                trouble.workedAt = now;
            }
        });
    }

    /// The troubles that are over; each is returned once.
    List<Told> over() {
        long now = nanoTime.getAsLong();
        List<Told> over = new ArrayList<>();
        Iterator<Map.Entry<Key, Trouble>> each = troubles.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Key, Trouble> entry = each.next();
            Trouble trouble = entry.getValue();
            boolean isOver =
                    trouble.hasWorkedSince
                            ? now - trouble.lastAt >= QUIET_AFTER_SUCCESS
                            : isQuiet(entry.getKey().part, now);
            if (isOver) {
                over.add(trouble.told());
                each.remove();
            }
        }
        return over;
    }

    /// Nothing has been heard of that part for long. A snapshot that has failed is tried again
    /// until one is stored, and waits longer than that.
    private boolean isQuiet(Part part, long now) {
        return !(part instanceof Part.Snapshot)
                && troubles.entrySet().stream()
                        .filter(entry -> entry.getKey().part.equals(part))
                        .allMatch(entry -> now - entry.getValue().lastAt >= QUIET);
    }

    /// Whether there is a trouble that is not over.
    boolean isTroubled() {
        return !troubles.isEmpty();
    }

    /// The latest trouble after which its part has not worked again.
    Optional<String> last() {
        return troubles.values().stream()
                .filter(trouble -> !trouble.hasWorkedSince)
                .map(trouble -> trouble.what)
                .reduce((_, later) -> later);
    }
}
