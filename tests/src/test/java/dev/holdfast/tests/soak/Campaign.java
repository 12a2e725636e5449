package dev.holdfast.tests.soak;

import dev.holdfast.tests.harness.Holdfast;
import dev.holdfast.tests.harness.Json;
import dev.holdfast.tests.harness.Program;
import dev.holdfast.tests.harness.Replication;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Some rounds on one database and one archive. In each, several writers storm, something terrible
/// happens at a random moment, and when all is quiet again the archive must hold what it promises:
///
/// 1. What was called durable before a kill can be restored right after it.
/// 2. Once the follower has caught up, its newest state is the live database, page for page.
/// 3. Each commit is a restore point, in order, none left out; nothing that was rolled back is in
///    any.
/// 4. History begins anew only if the follower was away while the WAL could be reset.
final class Campaign implements AutoCloseable {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int LARGE_STRIDE = 7;

    /// What happens in the midst of a storm.
    private enum Event {
        NOTHING,
        KILL_ONE_WRITER,
        KILL_WRITERS,
        KILL_FOLLOWER,
        KILL_BOTH,
        PAUSE_WRITER,
        PAUSE_FOLLOWER,
        PAUSE_BOTH,
        END_FOLLOWER,
        KILL_RESTORE,
        PAUSE_RESTORE,
        KILL_STORE
    }

    private final long seed;
    private final SplittableRandom random;
    private final Shape shape;
    private final Path folder;
    private final Path database;
    private final Place place;
    private final List<Event> events;
    private final Ledger ledger = new Ledger();
    private final ArchiveCheck check;
    private final List<Storm> storms = new ArrayList<>();
    private final List<Replication> followers = new ArrayList<>();
    private @Nullable Replication follower;
    private boolean mayRebase;
    private List<String> troubles = List.of();
    private int writers;
    private int rounds;
    private boolean isSpoilt;
    private String happening = "nothing yet";

    /// @param folder empty but for what the place keeps there, and stays the caller's
    /// @param place closed with this
    Campaign(long seed, Path folder, Place place) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.shape = Shape.random(random);
        this.folder = folder;
        this.database = folder.resolve("app.db");
        this.place = place;
        this.events =
                Stream.of(Event.values())
                        .filter(event -> event != Event.KILL_STORE || place instanceof Place.Bucket)
                        .toList();
        this.check = new ArchiveCheck(place, folder, ledger, shape.isLarge() ? LARGE_STRIDE : 1);
    }

    /// Where it is, for the one who must find out what went wrong.
    String describe() {
        return "seed %d, round %d, %s, %s".formatted(seed, rounds, happening, shape);
    }

    /// Leaves what all followers have told beside the database.
    void keepEvents() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Replication each : followers) {
            lines.add("follower " + each.pid());
            each.events().forEach(event -> lines.add(event.toString()));
        }
        Files.write(folder.resolve("events.txt"), lines);
    }

    Tally tally() {
        return check.tally(rounds, isSpoilt);
    }

    /// One more round.
    ///
    /// @return whether there can be another
    boolean round() throws IOException {
        rounds++;
        mayRebase = false;
        begin();
        pause(20, 400);
        Event event = events.get(random.nextInt(events.size()));
        happening = event.name();
        happen(event);
        endStorms();
        if (follower == null && Spoilt.isSpoilt(database)) {
            isSpoilt = true;
            return false;
        }
        if (follower == null) {
            follow();
        }
        settle();
        check.check(mayRebase, troubles);
        return true;
    }

    /// The follower and the writers, in either order.
    private void begin() {
        boolean isFollowerFirst = random.nextBoolean();
        if (isFollowerFirst && follower == null) {
            follow();
        }
        int count = Files.exists(database) ? 1 + random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            writers++;
            storms.add(Storm.start(folder, database, seed, "w" + writers, shape));
        }
        if (follower == null) {
            mayRebase = true;
            pause(0, 100);
            follow();
        }
    }

    private void follow() {
        boolean isThere = Files.exists(database);
        Replication started = Replication.startTo(place.location(), place.variables(), database);
        follower = started;
        followers.add(started);
        if (isThere) {
            Json _ = started.awaitFollowing();
        } else {
            Json _ = started.awaitEvent("waiting");
        }
    }

    private void happen(Event event) throws IOException {
        switch (event) {
            case NOTHING -> {}
            case KILL_ONE_WRITER -> storms.getFirst().kill();
            case KILL_WRITERS -> storms.forEach(Storm::kill);
            case KILL_FOLLOWER -> {
                killFollower();
                mayRebase = true;
                pause(0, 200);
            }
            case KILL_BOTH -> {
                storms.forEach(Storm::kill);
                killFollower();
            }
            case PAUSE_WRITER -> paused(storms.getFirst());
            case PAUSE_FOLLOWER -> pauseFollower();
            case PAUSE_BOTH -> {
                storms.forEach(storm -> storm.signal("STOP"));
                pauseFollower();
                storms.forEach(storm -> storm.signal("CONT"));
            }
            case END_FOLLOWER -> {
                endFollower();
                mayRebase = true;
                pause(0, 200);
            }
            case KILL_RESTORE -> disturbRestore(true);
            case PAUSE_RESTORE -> disturbRestore(false);
            case KILL_STORE -> killStore();
        }
    }

    private void killStore() throws IOException {
        if (place instanceof Place.Bucket bucket) {
            bucket.kill();
            pause(0, 1_500);
            bucket.restart();
        }
    }

    private void pauseFollower() {
        Replication now = running();
        now.signal("STOP");
        pause(10, 300);
        now.signal("CONT");
    }

    private void paused(Storm storm) {
        storm.signal("STOP");
        pause(10, 300);
        if (random.nextBoolean()) {
            storm.kill();
        } else {
            storm.signal("CONT");
        }
    }

    /// What it had called durable by then must be there at once.
    private void killFollower() {
        Replication killed = running();
        killed.kill();
        long durable = lastDurable(killed);
        if (durable > 0) {
            RestoredState _ = check.durable(durable);
        }
        noteTroubles(killed);
        follower = null;
    }

    private static long lastDurable(Replication replication) {
        return replication.events().stream()
                .filter(event -> event.text("event").equals("durable"))
                .mapToLong(event -> event.number("tx"))
                .max()
                .orElse(0);
    }

    /// SIGTERM, while the writers go on: exit code 0 says that all is durable that was committed
    /// before.
    private void endFollower() {
        Replication ended = running();
        long committed = storms.stream().mapToLong(Campaign::lastCommit).max().orElse(0);
        ended.stop();
        long durable = check.newest().map(RestoredState::n).orElse(0L);
        if (durable < committed) {
            throw new AssertionError(
                    "it ended with exit code 0 at commit %d, and commit %d had been logged before"
                            .formatted(durable, committed));
        }
        noteTroubles(ended);
        follower = null;
    }

    private static long lastCommit(Storm storm) {
        return storm.log().stream()
                .filter(line -> line.has("commit"))
                .mapToLong(line -> line.number("commit"))
                .max()
                .orElse(0);
    }

    /// A restore that is killed leaves the whole database or none; one that stood still goes on.
    private void disturbRestore(boolean isKilled) {
        if (lastDurable(running()) == 0) {
            return;
        }
        Path out = folder.resolve("disturbed-" + rounds + ".db");
        try (Program restore =
                Holdfast.start(
                        folder,
                        place.variables(),
                        "restore",
                        "--from",
                        place.location(),
                        "-o",
                        out.toString())) {
            pause(100, 900);
            if (isKilled) {
                restore.kill();
            } else {
                standStill(restore);
            }
        }
        if (!isKilled || Files.exists(out)) {
            RestoredState _ = RestoredState.of(out);
        }
    }

    /// If it has not ended before.
    private void standStill(Program restore) {
        if (restore.signalIfAlive("STOP")) {
            pause(10, 300);
            // One that was about to end has taken the first, and is gone
            boolean _ = restore.signalIfAlive("CONT");
        }
        if (restore.awaitExit() != 0) {
            throw new AssertionError("a restore that stood still has failed: " + restore.err());
        }
    }

    /// No writer writes any more when this returns.
    private void endStorms() {
        boolean isKilled = random.nextInt(3) == 0;
        for (Storm storm : storms) {
            if (storm.isAlive() && isKilled) {
                storm.kill();
            } else if (storm.isAlive()) {
                storm.finish();
            }
        }
        for (Storm storm : storms) {
            ledger.add(storm.log());
            storm.close();
        }
        storms.clear();
    }

    /// Waits until the archive's newest state is the live database.
    private void settle() {
        Replication now = running();
        if (!Files.exists(database)) {
            return;
        }
        LiveState live = LiveState.of(database);
        if (live.n() < ledger.last()) {
            throw new AssertionError(
                    "SQLite itself has lost commit " + ledger.last() + ": it is at " + live.n());
        }
        ledger.saw(live.n(), live.image());
        if (random.nextInt(4) == 0) {
            now.stop();
            noteTroubles(now);
            follower = null;
            requireLive(live);
            return;
        }
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isLive(live, check.newest())) {
            if (System.nanoTime() > deadline) {
                requireLive(live);
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        noteTroubles(now);
    }

    private static boolean isLive(LiveState live, Optional<RestoredState> newest) {
        return newest.isPresent() && newest.get().image().equals(live.image());
    }

    private void requireLive(LiveState live) {
        Optional<RestoredState> newest = check.newest();
        if (!isLive(live, newest)) {
            throw new AssertionError(
                    "the archive ends at commit %s, and the live database is at %d"
                            .formatted(newest.map(RestoredState::n), live.n()));
        }
    }

    /// What Holdfast itself says it could not follow.
    private void noteTroubles(Replication replication) {
        troubles =
                replication.events().stream()
                        .filter(event -> event.text("event").equals("troubled"))
                        .map(event -> event.text("error"))
                        .toList();
        // SQLite 3.40's frames without a checksum; a follower that was stopped while it stood aside
        mayRebase |=
                troubles.stream()
                        .anyMatch(error ->
                                error.contains("without a checksum")
                                        || error.contains("was let through"));
    }

    private Replication running() {
        Replication now = follower;
        if (now == null || !now.isAlive()) {
            throw new AssertionError("the follower is gone: " + (now == null ? "" : now.events()));
        }
        return now;
    }

    private void pause(int fromMillis, int toMillis) {
        // The moment is the thing that is tried: there is no fact to wait for
        LockSupport.parkNanos(
                Duration.ofMillis(fromMillis + random.nextInt(toMillis - fromMillis)).toNanos());
    }

    @Override
    public void close() {
        storms.forEach(Storm::close);
        followers.forEach(Replication::close);
        place.close();
    }
}
