package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.format.Micros;
import dev.holdfast.replicator.FollowerEvent.Durable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// What is durable in each destination, and when that is told: at once, and then once a second at
/// most, as a busy database commits faster than anyone reads. Not thread-safe.
final class DurableLog {
    private static final long PERIOD_NANOS = Duration.ofSeconds(1).toNanos();

    private final LongSupplier nanoTime;
    private final Map<String, Latest> latest = new LinkedHashMap<>();

    /// What is durable in one of them.
    private static final class Latest {
        private @Nullable Durable durable;
        private boolean isUntold;
        private long toldAt;

        private Latest(long longAgo) {
            this.toldAt = longAgo;
        }
    }

    /// @param nanoTime as [System#nanoTime]
    DurableLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// One of the destinations, where nothing is durable yet.
    void expect(String store) {
        Latest _ = of(store);
    }

    void happened(Durable now) {
        Latest of = of(now.store());
        of.durable = now;
        of.isUntold = true;
    }

    private Latest of(String store) {
        long longAgo = nanoTime.getAsLong() - PERIOD_NANOS;
        return latest.computeIfAbsent(store, _ -> new Latest(longAgo));
    }

    /// What is to be told now; each is returned once.
    List<Durable> due() {
        long now = nanoTime.getAsLong();
        return told(
                latest.values().stream()
                        .filter(each -> now - each.toldAt >= PERIOD_NANOS)
                        .toList());
    }

    /// All that was not told, at the end.
    List<Durable> rest() {
        return told(List.copyOf(latest.values()));
    }

    private List<Durable> told(List<Latest> some) {
        List<Durable> told = new ArrayList<>();
        for (Latest each : some) {
            Durable durable = each.durable;
            if (each.isUntold && durable != null) {
                each.isUntold = false;
                each.toldAt = nanoTime.getAsLong();
                told.add(durable);
            }
        }
        return told;
    }

    /// How long until something is due, if anything is.
    OptionalLong untilDueNanos() {
        return latest.values().stream()
                .filter(each -> each.isUntold)
                .mapToLong(each -> each.toldAt + PERIOD_NANOS - nanoTime.getAsLong())
                .min();
    }

    /// The state of the slowest, for people.
    ///
    /// @param capturedTx the last transaction that was captured
    String describe(long capturedTx, Instant now) {
        List<Durable> known = new ArrayList<>();
        for (Latest each : latest.values()) {
            Durable durable = each.durable;
            if (durable != null) {
                known.add(durable);
            }
        }
        if (known.isEmpty()) {
            return "nothing is durable yet";
        }
        Durable slowest = known.stream().min(Comparator.comparingLong(Durable::tx)).orElseThrow();
        Duration age = Duration.between(Micros.toInstant(slowest.micros()), now);
        String behind =
                capturedTx > slowest.tx()
                        ? Amounts.count(capturedTx - slowest.tx(), "commit", "commits")
                                + " on the way"
                        : "all is durable";
        String elsewhere =
                known.size() == latest.size()
                        ? ""
                        : "nothing is durable in %d of %d archives yet; in the others "
                                .formatted(latest.size() - known.size(), latest.size());
        return "%stransaction %,d, of %s ago; %s, %s wait"
                .formatted(
                        elsewhere,
                        slowest.tx(),
                        Amounts.duration(age),
                        behind,
                        Amounts.size(slowest.waitingBytes()));
    }
}
