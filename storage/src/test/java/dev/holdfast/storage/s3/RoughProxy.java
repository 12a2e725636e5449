package dev.holdfast.storage.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Passes bytes between clients and a server, and is rough with many connections, as its seed says:
/// cuts one somewhere, holds bytes back, or turns a bit of a body, which no checksum of TCP has
/// found.
public final class RoughProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 8 << 10;

    private static final Duration LONGEST_DELAY = Duration.ofSeconds(2);

    private final URI server;
    private final SplittableRandom seeds;
    private final double roughness;
    private final int farBytes;
    private final List<Deed> deeds;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicInteger delays = new AtomicInteger();
    private final AtomicInteger turns = new AtomicInteger();

    private volatile boolean isCalm;

    /// What is done to one direction of a connection.
    public enum Deed {
        CUT,
        DELAY,
        /// A bit, of a body.
        TURN
    }

    /// @param deed empty if nothing happens there
    /// @param at after so many bytes
    /// @param length of a delay
    private record Plan(Optional<Deed> deed, long at, Duration length) {
        boolean isOf(Deed wanted) {
            return deed.filter(wanted::equals).isPresent();
        }
    }

    /// @param roughness at how many of the places that are drawn something happens, from 0 to 1
    /// @param farBytes from one place in a direction of a connection to the next, at most
    /// @param deeds what happens there
    public RoughProxy(URI server, long seed, double roughness, int farBytes, Set<Deed> deeds)
            throws IOException {
        this.deeds = deeds.stream().sorted().toList();
        this.server = server;
        this.seeds = new SplittableRandom(seed);
        this.roughness = roughness;
        this.farBytes = farBytes;
        this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /// Where clients find it.
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /// From now on it passes everything as it comes.
    public void calm() {
        isCalm = true;
    }

    /// How many connections it has cut, answers it has held back, and bits it has turned.
    public Counts counts() {
        return new Counts(cuts.get(), delays.get(), turns.get());
    }

    /// What it has done.
    public record Counts(int cuts, int delays, int turns) {}

    /// What one connection is for, until it ends.
    private interface Task {
        void run() throws IOException;
    }

    private void start(Task task) {
        threads.execute(() -> {
            try {
                task.run();
            } catch (IOException _) {
                // One end is gone, as is to be expected here: so is the other
            }
        });
    }

    private void accept() throws IOException {
        while (!listening.isClosed()) {
            Socket client = listening.accept();
            SplittableRandom there = seeds.split();
            SplittableRandom back = seeds.split();
            start(() -> connect(client, there, back));
        }
    }

    /// What is next for a direction that has passed so much.
    private Plan plan(SplittableRandom random, long passed) {
        // Most objects are small: near places as likely as far ones
        long at = passed + (long) Math.exp(random.nextDouble(Math.log(farBytes)));
        Deed deed = deeds.get(random.nextInt(deeds.size()));
        return new Plan(
                random.nextDouble() < roughness ? Optional.of(deed) : Optional.empty(),
                at,
                Duration.ofMillis(random.nextLong(LONGEST_DELAY.toMillis())));
    }

    private void connect(Socket client, SplittableRandom there, SplittableRandom back)
            throws IOException {
        try (client;
                Socket upstream = new Socket(server.getHost(), server.getPort())) {
            start(() -> pass(client, upstream, there));
            pass(upstream, client, back);
        }
    }

    /// Until one end is closed; then both are.
    private void pass(Socket from, Socket to, SplittableRandom random) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[BUFFER_BYTES];
            long passed = 0;
            Plan next = plan(random, 0);
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                passed += count;
                if (!isCalm && next.at < passed) {
                    if (next.isOf(Deed.CUT)) {
                        cuts.incrementAndGet();
                        out.write(bytes, 0, (int) Math.max(0, count - (passed - next.at)));
                        return;
                    }
                    act(next, bytes, count);
                    next = plan(random, passed);
                }
                out.write(bytes, 0, count);
            }
        }
    }

    /// Bits are turned in bodies only, where a digest finds them. Where there is none, nothing
    /// happens: a turn that waited for a body would keep cuts and delays from small requests.
    private void act(Plan plan, byte[] bytes, int count) {
        if (plan.isOf(Deed.DELAY)) {
            delays.incrementAndGet();
            LockSupport.parkNanos(plan.length.toNanos());
        }
        if (plan.isOf(Deed.TURN) && isOfBody(bytes, count)) {
            turns.incrementAndGet();
            bytes[count - 1] ^= 1;
        }
    }

    private static boolean isOfBody(byte[] bytes, int count) {
        return count == BUFFER_BYTES && !new String(bytes, ISO_8859_1).contains("HTTP/1.");
    }

    @Override
    public void close() throws IOException {
        listening.close();
        threads.shutdownNow();
    }
}
