package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.Folders;
import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ProgressLine;
import dev.holdfast.cli.output.Times;
import dev.holdfast.cli.output.Transfer;
import dev.holdfast.format.Micros;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.CopiesRestorer;
import dev.holdfast.restore.RestoreOutcome;
import dev.holdfast.restore.RestorePlan;
import dev.holdfast.restore.RestoreProgress;
import dev.holdfast.restore.RestoreRequest;
import dev.holdfast.restore.Restorer;
import dev.holdfast.restore.StateBeside;
import dev.holdfast.restore.Target;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.seal.Identity;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// Restores a database as it was at any commit.
@Command(
        name = "restore",
        description = {
            "Restores the database as it was at any commit; at the newest by default.",
            "The file appears under its name once it is whole and everything was checked."
        })
public final class RestoreCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final StopRequest stop = new StopRequest();

    @Option(
            names = "--from",
            required = true,
            paramLabel = "ARCHIVE",
            description =
                    SharedOptions.ARCHIVE
                            + " Repeated, for copies of one archive: what is damaged or missing in"
                            + " the first is taken from another.")
    private List<String> from = List.of();

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "OUT",
            description = "The database file to make. It must not exist.")
    private Path out = Path.of("");

    @ArgGroup private @Nullable Point point;

    @Option(
            names = "--if-absent",
            description = "If OUT exists, do nothing, and call that a success.")
    private boolean isIfAbsent;

    @Option(names = "--dry-run", description = "Say what would be restored, and do not.")
    private boolean isDryRun;

    @Mixin private IdentityOption identity = new IdentityOption();

    @Mixin private SharedOptions shared = new SharedOptions();

    /// Which commit; one of both.
    private static final class Point {
        @Option(
                names = "--at",
                paramLabel = "TIME",
                description =
                        "As it was then: 2026-03-01T12:00:00Z, 2026-03-01T13:00:00+01:00 or"
                                + " \"10m ago\".")
        private @Nullable Instant at;

        @Option(
                names = "--tx",
                paramLabel = "N",
                description = "As transaction N left it; history tells the numbers.")
        private @Nullable Long tx;
    }

    public RestoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        Target target = target();
        refuseInArchive();
        List<Identity> identities = identity.read();
        stop.listenTo(surroundings.stopSignals());
        long start = surroundings.nanoTime().getAsLong();
        try (CopiesRead copies = CopiesRead.open(from, stop.latch());
                ProgressLine line = surroundings.progressLine(shared.isJson())) {
            Progress progress = new Progress(line);
            CopiesRestorer restorer =
                    new CopiesRestorer(
                            copies.stores(),
                            copies.unusable(),
                            store ->
                                    new Restorer(
                                            store,
                                            surroundings.clock(),
                                            progress,
                                            stop.latch(),
                                            identities));
            CopiesRestorer.Result result =
                    restorer.restore(new RestoreRequest(target, out, isIfAbsent, isDryRun));
            line.clear();
            Duration took = Duration.ofNanos(surroundings.nanoTime().getAsLong() - start);
            return print(result, target, took);
        }
    }

    /// An archive holds only what it wrote itself; a copy of it would carry the database along.
    private void refuseInArchive() {
        for (String each : from) {
            if (StoreLocation.parse(each) instanceof StoreLocation.Folder(Path archive)
                    && Folders.isWithin(out.toAbsolutePath().resolveSibling(""), archive)) {
                throw new SidecarException.BadUsage(
                        "--out: " + out + " lies in the archive " + archive,
                        "Restore into another folder.");
            }
        }
    }

    private Target target() {
        if (point != null && point.tx != null) {
            if (point.tx < 1) {
                throw new SidecarException.BadUsage(
                        "--tx: found " + point.tx + ", wanted a transaction, 1 or more",
                        "Run holdfast history to see the transactions.");
            }
            return new Target.AtTx(point.tx);
        }
        return point != null && point.at != null
                ? new Target.AtTime(Micros.of(point.at))
                : new Target.Latest();
    }

    private int print(CopiesRestorer.Result result, Target target, Duration took) {
        CopiesReport copies = new CopiesReport(result, from.size() > 1);
        switch (result.outcome()) {
            case RestoreOutcome.Restored restored -> restored(restored, target, took, copies);
            case RestoreOutcome.Planned(RestorePlan plan) -> planned(plan, target, copies);
            case RestoreOutcome.AlreadyThere(Path there) ->
                    result(
                            new JsonObject()
                                    .put("outcome", "already_there")
                                    .put("out", text(there)),
                            there + " exists; nothing was done");
            case RestoreOutcome.Stopped() -> {
                result(
                        new JsonObject().put("outcome", "stopped").put("out", text(out)),
                        "stopped; nothing was restored and nothing is left of it");
                return stop.exitCode();
            }
        }
        return ExitCode.OK.number();
    }

    private void restored(
            RestoreOutcome.Restored restored, Target target, Duration took, CopiesReport copies) {
        Instant time = Micros.toInstant(restored.micros());
        RestorePlan plan = restored.plan();
        JsonObject json =
                planned("restored", plan)
                        .put("time", time)
                        .put("out", text(restored.out()))
                        .put("bytes", restored.databaseBytes())
                        .put("state_checksum", HexFormat.of().toHexDigits(restored.stateChecksum()))
                        .put("seconds", took.toNanos() / 1e9)
                        .put("state", stateWord(restored.state()))
                        .put("state_problem", stateProblem(restored.state()));
        result(
                copies.addTo(json),
                "restored %s to %s%s\n%s in %s; all digests, the chain and the state checksum are right"
                        .formatted(
                                describe(plan, time, target),
                                restored.out(),
                                newestByTime(plan, target),
                                Amounts.size(restored.databaseBytes()),
                                Amounts.duration(took)));
        note(copies);
        String note = stateNote(restored.state());
        if (note != null && !shared.isJson()) {
            surroundings.err().println("note: " + note);
        }
    }

    private void note(CopiesReport copies) {
        if (!shared.isJson()) {
            copies.lines().forEach(line -> surroundings.err().println("note: " + line));
        }
    }

    private static String stateWord(StateBeside state) {
        return switch (state) {
            case StateBeside.Left _ -> "left";
            case StateBeside.None _ -> "none";
            case StateBeside.Kept _ -> "kept";
            case StateBeside.Failed _ -> "failed";
        };
    }

    private static @Nullable String stateProblem(StateBeside state) {
        return state instanceof StateBeside.Failed(String problem) ? problem : null;
    }

    private static @Nullable String stateNote(StateBeside state) {
        return switch (state) {
            case StateBeside.Left _, StateBeside.None _ -> null;
            case StateBeside.Kept(Path folder) ->
                    folder
                            + " is of a replicate that has followed a database here, and was left"
                            + " as it is: the next replicate goes on as that writer, with a rebase"
                            + " unless this is the state that it captured last";
            case StateBeside.Failed(String problem) -> problem;
        };
    }

    private void planned(RestorePlan plan, Target target, CopiesReport copies) {
        OptionalLong micros = plan.micros();
        Instant time = micros.isPresent() ? Micros.toInstant(micros.getAsLong()) : null;
        result(
                copies.addTo(planned("planned", plan).put("time", time).put("out", text(out))),
                "would restore %s to %s, from %s (%s) and the segments %,d to %,d of the log (%s)%s"
                        .formatted(
                                describe(plan, time, target),
                                out,
                                plan.snapshotObject(),
                                Amounts.size(plan.snapshotBytes()),
                                plan.firstSeq(),
                                plan.lastSeq(),
                                Amounts.size(plan.logBytes()),
                                newestByTime(plan, target)));
        note(copies);
    }

    /// Says it where a time was asked for that the archive has not come to.
    private static String newestByTime(RestorePlan plan, Target target) {
        return plan.isNewest() && target instanceof Target.AtTime
                ? "\nit is the newest: nothing was committed between it and that time"
                : "";
    }

    private static JsonObject planned(String outcome, RestorePlan plan) {
        return new JsonObject()
                .put("outcome", outcome)
                .put("tx", plan.tx())
                .put("newest", plan.isNewest())
                .put("page_size", plan.pageSize().bytes())
                .put("snapshot", plan.snapshotObject())
                .put("snapshot_bytes", plan.snapshotBytes())
                .put("first_segment", plan.firstSeq())
                .put("last_segment", plan.lastSeq())
                .put("log_bytes", plan.logBytes());
    }

    private String describe(RestorePlan plan, @Nullable Instant time, Target target) {
        StringBuilder text = new StringBuilder("transaction ").append(plan.tx());
        if (time != null) {
            Duration age = Duration.between(time, surroundings.clock().instant());
            text.append(" of ").append(Times.rfc3339(time));
            text.append(" (").append(Amounts.duration(age)).append(" ago)");
        }
        if (plan.isNewest() && !(target instanceof Target.AtTime)) {
            text.append(", the newest,");
        }
        return text.toString();
    }

    private void result(JsonObject json, String text) {
        surroundings.out().println(shared.isJson() ? json : text);
    }

    private static String text(Path path) {
        return path.toAbsolutePath().toString();
    }

    /// Shows how far the restore is.
    private final class Progress implements RestoreProgress {
        private final ProgressLine line;
        private @Nullable Transfer transfer;

        Progress(ProgressLine line) {
            this.line = line;
        }

        @Override
        public void report(Phase phase, long doneBytes, long totalBytes) {
            long now = surroundings.nanoTime().getAsLong();
            if (transfer == null) {
                transfer = new Transfer("restoring", totalBytes, now);
            }
            Transfer current = transfer;
            line.update(() ->
                    phase == Phase.SYNC
                            ? "restoring: checked, being forced to disk"
                            : current.describe(doneBytes, now));
        }
    }
}
