package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// A store that fails in every way that a real one may, and in none that the contract rules out.
///
/// What happens to a request depends on the seed, its kind, its name and how many of that kind and
/// name came before, and on nothing else: a run with several threads is replayed by its seed too.
/// One fault a request at most.
public final class FaultyObjectStore implements ObjectStore {
    /// A request in ten meets one of them, and a caller who retries gets on.
    public static final Map<Fault, Double> DEFAULT_CHANCES = chances(0.02);

    private static final int MAX_HIDDEN = 3;
    private static final int MAX_STALE_LISTS = 4;

    private final ObjectStore store;
    private final long seed;
    private final Map<Fault, Double> chances;
    private final Consumer<Duration> sleep;
    private final Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
    private final Queue<Injected> injected = new ConcurrentLinkedQueue<>();

    /// Newest last.
    private final Queue<String> created = new ConcurrentLinkedQueue<>();

    private final AtomicReference<Stale> stale = new AtomicReference<>(new Stale(Set.of(), 0));

    /// One fault that was injected.
    ///
    /// @param attempt how many requests of this kind and name there had been, this one included
    public record Injected(Fault fault, String request, String name, int attempt) {}

    public FaultyObjectStore(ObjectStore store, long seed) {
        this(store, seed, DEFAULT_CHANCES, _ -> {});
    }

    /// @param chances of each fault, from 0 to 1; those left out do not happen
    /// @param sleep what [Fault#SLOW] does
    public FaultyObjectStore(
            ObjectStore store, long seed, Map<Fault, Double> chances, Consumer<Duration> sleep) {
        this.store = store;
        this.seed = seed;
        this.chances = Map.copyOf(chances);
        this.sleep = sleep;
    }

    /// All faults with the same chance.
    public static Map<Fault, Double> chances(double each) {
        Map<Fault, Double> chances = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            chances.put(fault, each);
        }
        return chances;
    }

    /// In the order in which they happened.
    public List<Injected> injected() {
        return List.copyOf(injected);
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) throws IOException {
        Dice dice = before("create", name);
        if (body.bytes() > 0 && dice.rolls(Fault.TORN)) {
            store.create(name, new TornBody(body, dice.upTo(body.bytes())));
            throw new AssertionError("the torn body of " + name + " was taken for whole");
        }
        return after(dice, name, store.create(name, body));
    }

    @Override
    public ObjectUpload upload(String name) throws IOException {
        Dice _ = before("upload", name);
        return new FaultyUpload(name, store.upload(name));
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        Dice dice = before("read", name);
        if (into.hasRemaining() && dice.rolls(Fault.SHORT_READ)) {
            int some = (int) dice.upTo(into.remaining());
            ByteBuffer part = into.slice(into.position(), some);
            ReadOutcome _ = store.read(name, offset, part);
            into.position(into.position() + part.position());
            throw dice.failure(Fault.SHORT_READ);
        }
        return store.read(name, offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        Dice dice = before("list", prefix);
        if (dice.rolls(Fault.STALE_LIST)) {
            List<String> hidden = List.copyOf(created);
            int count = Math.min(hidden.size(), 1 + (int) dice.upTo(MAX_HIDDEN));
            stale.set(
                    new Stale(
                            Set.copyOf(hidden.subList(hidden.size() - count, hidden.size())),
                            1 + (int) dice.upTo(MAX_STALE_LISTS)));
        }
        Set<String> hidden = stale.getAndUpdate(Stale::older).names;
        String from = startAfter;
        while (true) {
            ListPage page = store.list(prefix, from, limit);
            List<ListPage.Entry> shown = new ArrayList<>(page.entries());
            shown.removeIf(entry -> hidden.contains(entry.name()));
            if (!shown.isEmpty() || !page.isTruncated()) {
                return new ListPage(shown, page.isTruncated());
            }
            from =
                    page.entries()
                            .getLast()
                            .name(); // a page without names would leave the caller nowhere to go on
            // from
        }
    }

    @Override
    public DeleteOutcome delete(String name) throws IOException {
        Dice dice = before("delete", name);
        DeleteOutcome outcome = store.delete(name);
        dice.failOn(Fault.AFTER_EFFECT);
        return outcome;
    }

    @Override
    public String location() {
        return "faulty(" + seed + "):" + store.location();
    }

    @Override
    public void close() {
        store.close();
    }

    private Dice before(String request, String name) throws IOException {
        Dice dice = new Dice(request, name);
        if (dice.rolls(Fault.SLOW)) {
            sleep.accept(Duration.ofMillis(dice.upTo(2_000)));
        }
        dice.failOn(Fault.BEFORE_EFFECT);
        return dice;
    }

    private CreateOutcome after(Dice dice, String name, CreateOutcome outcome) throws IOException {
        if (outcome instanceof CreateOutcome.Created) {
            created.add(name);
        }
        dice.failOn(Fault.AFTER_EFFECT);
        return outcome;
    }

    /// The names that the next so many listings do not show.
    private record Stale(Set<String> names, int lists) {
        Stale older() {
            return lists > 1 ? new Stale(names, lists - 1) : new Stale(Set.of(), 0);
        }
    }

    /// The fate of one request.
    private final class Dice {
        private final String request;
        private final String name;
        private final int attempt;
        private final SplittableRandom random;
        private boolean isSpent;

        Dice(String request, String name) {
            String key = request + " " + name;
            this.request = request;
            this.name = name;
            this.attempt =
                    attempts.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet();
            this.random = new SplittableRandom(seed * 31 + ((long) key.hashCode() << 20) + attempt);
        }

        boolean rolls(Fault fault) {
            boolean happens = random.nextDouble() < chances.getOrDefault(fault, 0.0) && !isSpent;
            if (happens) {
                isSpent = true;
                injected.add(new Injected(fault, request, name, attempt));
            }
            return happens;
        }

        void failOn(Fault fault) throws IOException {
            if (rolls(fault)) {
                throw failure(fault);
            }
        }

        long upTo(long bound) {
            return bound == 0 ? 0 : random.nextLong(bound);
        }

        IOException failure(Fault fault) {
            return new IOException(
                    "injected: "
                            + fault
                            + " at "
                            + request
                            + " "
                            + name
                            + ", attempt "
                            + attempt
                            + ", seed "
                            + seed);
        }
    }

    private record TornBody(ObjectBody whole, long bytesBeforeTear) implements ObjectBody {
        @Override
        public long bytes() {
            return whole.bytes();
        }

        @Override
        public void writeTo(WritableByteChannel out) throws IOException {
            whole.writeTo(new TearingChannel(out, bytesBeforeTear));
        }
    }

    private static final class TearingChannel implements WritableByteChannel {
        private final WritableByteChannel out;
        private long left;

        TearingChannel(WritableByteChannel out, long left) {
            this.out = out;
            this.left = left;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (left == 0) {
                throw new IOException("injected: " + Fault.TORN);
            }
            ByteBuffer some =
                    bytes.slice(bytes.position(), (int) Math.min(left, bytes.remaining()));
            int count = out.write(some);
            bytes.position(bytes.position() + count);
            left -= count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private final class FaultyUpload implements ObjectUpload {
        private final String name;
        private final ObjectUpload upload;

        FaultyUpload(String name, ObjectUpload upload) {
            this.name = name;
            this.upload = upload;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            Dice dice = before("write", name);
            if (dice.rolls(Fault.TORN)) {
                int some = (int) dice.upTo(bytes.remaining());
                upload.write(bytes.slice(bytes.position(), some));
                bytes.position(bytes.position() + some);
                throw dice.failure(Fault.TORN);
            }
            upload.write(bytes);
        }

        @Override
        public boolean isRepeatable() {
            return upload.isRepeatable();
        }

        @Override
        public CreateOutcome commit() throws IOException {
            Dice dice = before("commit", name);
            return after(dice, name, upload.commit());
        }

        @Override
        public void close() throws IOException {
            upload.close();
        }
    }
}
