package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.Times;
import dev.holdfast.format.Micros;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.history.History;
import dev.holdfast.restore.history.HistoryEntry;
import dev.holdfast.restore.history.HistoryQuery;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;

/// Lists every commit of an archive, and what else happened in it.
@Command(
        name = "history",
        description = "Lists every commit of an archive, its gaps, claims and snapshots.")
public final class HistoryCommand implements Runnable {
    private static final String TIME_HELP = "2026-03-01T12:00:00Z or \"10m ago\".";

    private final Surroundings surroundings;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "ARCHIVE",
            description = SharedOptions.ARCHIVE)
    private String from = "";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Nothing before this time: " + TIME_HELP)
    private @Nullable Instant since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "Nothing after this time: " + TIME_HELP)
    private @Nullable Instant until;

    @Option(names = "--limit", paramLabel = "N", description = "The newest N entries of those.")
    private @Nullable Integer limit;

    @Mixin private IdentityOption identity = new IdentityOption();

    @Mixin private SharedOptions shared = new SharedOptions();

    public HistoryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        HistoryQuery query = query();
        List<Identity> identities = identity.read();
        try (ObjectStore store = Stores.openForReading(from, new CountDownLatch(1))) {
            History.read(
                    store,
                    identities,
                    query,
                    entry ->
                            surroundings
                                    .out()
                                    .println(shared.isJson() ? json(entry) : text(entry)));
        }
    }

    private HistoryQuery query() {
        if (limit != null && limit < 1) {
            throw new SidecarException.BadUsage(
                    "--limit: found " + limit + ", wanted 1 or more",
                    "Leave it out to see everything.");
        }
        if (since != null && until != null && until.isBefore(since)) {
            throw new SidecarException.BadUsage(
                    "--until: found "
                            + Times.rfc3339(until)
                            + ", which is before --since, "
                            + Times.rfc3339(since),
                    "Exchange the two.");
        }
        return new HistoryQuery(
                since == null ? HistoryQuery.ALL.sinceMicros() : Micros.of(since),
                until == null ? HistoryQuery.ALL.untilMicros() : Micros.of(until),
                limit == null ? OptionalInt.empty() : OptionalInt.of(limit));
    }

    private static JsonObject json(HistoryEntry entry) {
        String kind =
                switch (entry) {
                    case HistoryEntry.Commit _ -> "commit";
                    case HistoryEntry.Base base -> base.isGap() ? "rebase" : "base";
                    case HistoryEntry.Claim _ -> "claim";
                    case HistoryEntry.Snapshot _ -> "snapshot";
                };
        JsonObject json =
                new JsonObject()
                        .put("kind", kind)
                        .put("time", Micros.toInstant(entry.micros()))
                        .put("segment", entry.seq())
                        .put("object", entry.object());
        return switch (entry) {
            case HistoryEntry.Commit commit ->
                    json.put("tx", commit.tx())
                            .put("restorable", commit.isRestorable())
                            .put("pages", commit.pages())
                            .put("database_pages", commit.databasePages())
                            .put("raw_bytes", commit.rawBytes())
                            .put("stored_bytes", commit.storedBytes());
            case HistoryEntry.Base base ->
                    json.put("tx", base.tx())
                            .put("restorable", base.isRestorable())
                            .put("gap", base.isGap())
                            .put("reason", base.reason().name().toLowerCase(Locale.ROOT))
                            .put("database_pages", base.databasePages());
            case HistoryEntry.Claim claim -> json.put("writer", claim.writer().toString());
            case HistoryEntry.Snapshot snapshot ->
                    json.put("tx", snapshot.tx())
                            .put("database_pages", snapshot.databasePages())
                            .put("stored_bytes", snapshot.bytes());
        };
    }

    private static String text(HistoryEntry entry) {
        String time = Times.rfc3339(Micros.toInstant(entry.micros()));
        return switch (entry) {
            case HistoryEntry.Commit commit ->
                    line(
                            commit.tx(),
                            time,
                            "%7s  %9s  %s%s"
                                    .formatted(
                                            Amounts.count(commit.pages(), "page", "pages"),
                                            Amounts.size(commit.storedBytes()),
                                            commit.object(),
                                            commit.isRestorable() ? "" : "  (not restorable)"));
            case HistoryEntry.Base base ->
                    line(
                            base.tx(),
                            time,
                            base.isGap()
                                    ? "GAP: "
                                            + base.reason().text()
                                            + "; this is the database as it was then, and all"
                                            + " above stays as it is"
                                    : "the archive begins");
            case HistoryEntry.Claim claim ->
                    line(0, time, "writer " + claim.writer() + " took the archive over");
            case HistoryEntry.Snapshot snapshot ->
                    line(
                            0,
                            time,
                            "snapshot of transaction "
                                    + snapshot.tx()
                                    + ", "
                                    + Amounts.size(snapshot.bytes())
                                    + ", "
                                    + snapshot.object());
        };
    }

    /// @param tx 0 for what is no transaction
    private static String line(long tx, String time, String rest) {
        return "%10s  %s  %s".formatted(tx == 0 ? "" : tx, time, rest);
    }
}
