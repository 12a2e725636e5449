package dev.holdfast.cli.command;

import static java.util.stream.Collectors.joining;

import dev.holdfast.cli.argument.RestoreTimeArgument;
import dev.holdfast.cli.argument.SizeArgument;
import dev.holdfast.cli.argument.Spelling;
import dev.holdfast.cli.config.Config;
import dev.holdfast.cli.config.DatabaseConfig;
import dev.holdfast.cli.config.Policies;
import dev.holdfast.cli.config.Readers;
import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.Reached;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.EarlyRefusal;
import dev.holdfast.replicator.Follower;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.replicator.FollowerOptions;
import dev.holdfast.replicator.SnapshotPolicy;
import dev.holdfast.replicator.SpoolPolicy;
import dev.holdfast.replicator.Timekeeper;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.seal.Recipient;
import dev.holdfast.storage.state.DatabasePath;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Follows a live database and ships every commit, until it is told to stop.
@Command(
        name = "replicate",
        description = {
            "Follows a live SQLite database and ships every commit to an archive, until stopped.",
            "SIGTERM or SIGINT ships the rest first; the exit code is 0 if all is durable, 32 if"
                    + " not. A second signal ends it at once.",
            "Where standard output is no terminal its events are JSON, as with --json; what it logs"
                    + " on standard error, and its error, stay text without --json."
        })
public final class ReplicateCommand implements Callable<Integer>, OwnExitCodes {
    private final Surroundings surroundings;

    @Parameters(
            arity = "0..1",
            paramLabel = "DB",
            description =
                    "The database file. It may not exist yet: then it is waited for. Left out, the"
                            + " only one of the configuration file.")
    private @Nullable Path database;

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--to",
            paramLabel = "ARCHIVE",
            description =
                    SharedOptions.ARCHIVE
                            + " A folder is made if it is not there. Repeated, each gets a copy at"
                            + " its own pace; the first says whose the archive is, and must be"
                            + " there at the first start.")
    private List<String> to = List.of();

    @Option(
            names = "--rto",
            paramLabel = "TIME",
            description =
                    "How long a restore may take; decides when a snapshot is due. Default: 30s.")
    private @Nullable Duration rto;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long a stop may take to ship the rest. Default: 30s.")
    private @Nullable Duration grace;

    @Option(
            names = "--uploads-per-second",
            paramLabel = "N",
            description =
                    "How often commits may be sent, after 60 at once that can be saved up: a"
                            + " request to a bucket costs money. A stop, and flush, send whatever"
                            + " waits. Default: 1 to a bucket, unlimited to a folder.")
    private @Nullable UploadRate uploads;

    @Option(
            names = "--upload-bandwidth",
            paramLabel = "SIZE",
            description =
                    "How many bytes a second may be sent to each archive, as 2MB, or unlimited. A"
                            + " stop, and flush, send whatever waits. Default: unlimited.")
    private @Nullable UploadBandwidth bandwidth;

    @Option(
            names = "--spool-limit",
            paramLabel = "SIZE",
            converter = SizeArgument.class,
            description =
                    "How much may wait on this machine for a store that can't be reached, as 2GB."
                            + " Default: a tenth of what is free on the disk of the state folder at"
                            + " the start, and 256MB at least.")
    private @Nullable Long spoolLimit;

    @Option(
            names = "--spool-full",
            paramLabel = "keep|rebase",
            description =
                    "What then: keep leaves commits in the WAL, which grows; rebase lets the WAL"
                            + " begin anew, and history later. Either does as rebase when the disk"
                            + " of the database is nearly full. Default: keep.")
    private SpoolPolicy.@Nullable WhenFull spoolFull;

    @Option(
            names = "--codec",
            paramLabel = "zstd|lz4",
            description = "Compression of the archive. Default: zstd.")
    private @Nullable Codec codec;

    @Option(
            names = "--state",
            paramLabel = "FOLDER",
            description =
                    "Where Holdfast keeps its state and what is not shipped yet. Default:"
                            + " .<name>-holdfast beside the database.")
    private @Nullable Path state;

    @Option(
            names = "--take-over",
            description =
                    "Claim an archive that another writer has written; that one is refused from"
                            + " then on. Also for a database that was moved.")
    private boolean isTakeOver;

    @Mixin private RecipientOptions encryption = new RecipientOptions();

    @Mixin private SharedOptions shared = new SharedOptions();

    public ReplicateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        if (rto != null) {
            RestoreTimeArgument.check("--rto: ", rto);
        }
        DatabaseConfig told = told();
        Policies policies = told.policies();
        Path named = told.path().value();
        Duration untilStopped = policies.grace().or(grace);
        CountDownLatch stop = new CountDownLatch(1);
        surroundings.stopSignals().handle(_ -> stop.countDown(), _ -> endAtOnce());
        EarlyRefusal.check(named, stop, surroundings.nanoTime());
        // From here on the file itself, whatever becomes of the links to it
        Path followed = DatabasePath.real(named);
        Spelling.check(followed);
        Path stateFolder = state == null ? told.stateFolder().value() : state;
        Places places = to.isEmpty() ? Places.of(told) : Places.parse(to);
        places.refuseOverlap(stateFolder);
        places.refuseStateFolders();
        FollowerOptions options =
                new FollowerOptions(
                        followed,
                        stateFolder,
                        policies.codec().or(codec),
                        new SnapshotPolicy(policies.rto().or(rto), SnapshotPolicy.DEFAULT_MAX_AGE),
                        isTakeOver,
                        FollowerOptions.DEFAULT_WAL_LIMIT,
                        new SpoolPolicy(
                                spoolLimit == null
                                        ? policies.spoolLimit().value()
                                        : OptionalLong.of(spoolLimit),
                                policies.spoolFull().or(spoolFull)),
                        untilStopped,
                        recipients(told));
        boolean isJson = shared.isJson() || !surroundings.isOutTerminal();
        CountDownLatch storeStop = new CountDownLatch(1);
        try (OpenStores stores = OpenStores.of(places.locations(), storeStop);
                ReplicateReport report = new ReplicateReport(surroundings, isJson);
                Follower follower =
                        Follower.open(
                                options,
                                stores.destinations(
                                        place -> uploads(place, told),
                                        place -> bandwidth(place, told)),
                                Timekeeper.system(),
                                report)) {
            report.started(followed, stores.locations(), stateFolder, options.recipients().size());
            Thread stopper =
                    Thread.ofVirtual()
                            .name("holdfast-stop")
                            .start(() -> passOn(stop, untilStopped, report, follower, storeStop));
            FollowerEnd end = follower.run();
            stopper.interrupt();
            report.stopped(end, stores.requests());
            return exitOf(end, report.trouble());
        }
    }

    /// It ships, and goes on shipping when nobody hears of it any more.
    @Override
    public boolean isResultPrinted() {
        return false;
    }

    /// What the configuration file says of the database, or nothing but defaults.
    private DatabaseConfig told() {
        Optional<Config> file = config.read(surroundings.environment());
        if (file.isPresent()) {
            return file.get().database(database);
        }
        List<String> missing = new ArrayList<>();
        if (to.isEmpty()) {
            missing.add("--to ARCHIVE");
        }
        if (database == null) {
            missing.add("DB");
        }
        if (database == null || to.isEmpty()) {
            throw new SidecarException.BadUsage(
                    "holdfast replicate: "
                            + String.join(" and ", missing)
                            + (missing.size() == 1 ? " is missing" : " are missing"),
                    "Give it, or name a configuration file by --config. Run holdfast help replicate"
                            + " for what it takes.");
        }
        return DatabaseConfig.byDefault(database);
    }

    private List<Recipient> recipients(DatabaseConfig told) {
        return encryption.isGiven() ? encryption.read() : Readers.checked(told.readers().all());
    }

    private UploadRate uploads(StoreLocation place, DatabaseConfig told) {
        return uploads == null ? told.uploads(place) : uploads;
    }

    private UploadBandwidth bandwidth(StoreLocation place, DatabaseConfig told) {
        return bandwidth == null ? told.bandwidth(place) : bandwidth;
    }

    /// Waits for the signal; gives the store's retries up when the grace time is over.
    private void passOn(
            CountDownLatch stop,
            Duration grace,
            ReplicateReport report,
            Follower follower,
            CountDownLatch storeStop) {
        try {
            stop.await();
            report.stopping(grace);
            follower.stop();
            if (!storeStop.await(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                storeStop.countDown();
            }
        } catch (InterruptedException _) {
            storeStop.countDown(); // the run is over
        }
    }

    /// What a run that ended left undone.
    static String missing(FollowerEnd end) {
        List<Reached> behind = end.behind();
        boolean isAlone = end.reached().size() == 1;
        String waiting =
                behind.stream()
                        .filter(each -> each.isWaitedFor(end.capturedTx()))
                        .map(each -> waiting(end, each, isAlone))
                        .collect(joining("; "));
        if (!waiting.isEmpty()) {
            return waiting;
        }
        if (end.capturedTx() == 0) {
            return "nothing was captured, as the database could not be followed";
        }
        if (!end.isAllCaptured()) {
            return "what was committed after transaction %,d could not be read"
                    .formatted(end.capturedTx());
        }
        String where = behind.stream().map(Reached::store).collect(joining(" and in "));
        return "the first snapshot %sis not complete, so that nothing can be restored"
                .formatted(isAlone ? "" : "in " + where + " ");
    }

    private static String waiting(FollowerEnd end, Reached reached, boolean isAlone) {
        return reached.isJoined()
                ? "transactions %,d to %,d (%s) are not in %s yet"
                        .formatted(
                                reached.durableTx() + 1,
                                end.capturedTx(),
                                Amounts.size(reached.waitingBytes()),
                                isAlone ? "the archive" : reached.store())
                : "nothing could be sent to " + reached.store();
    }

    /// @param trouble that went on until the end
    static int exitOf(FollowerEnd end, Optional<String> trouble) {
        if (end.isAllDurable()) {
            return ExitCode.OK.number();
        }
        throw new SidecarException.NotDurable(
                "stopped before all was durable: "
                        + missing(end)
                        + trouble.map(what -> "; the last trouble: " + what).orElse(""),
                "Start replicate again: it goes on where it was. Give --grace more time if stops"
                        + " must be complete.");
    }

    /// The second signal.
    private void endAtOnce() {
        PrintStream err = surroundings.err();
        String error = "stopped at once by a second signal; not everything may be durable";
        String hint = "Start replicate again: it goes on with what waits in its state folder.";
        int exit = ExitCode.NOT_DURABLE.number();
        err.println(
                shared.isJson()
                        ? new JsonObject().put("error", error).put("hint", hint).put("exit", exit)
                        : "error: " + error + "\nhint: " + hint);
        err.flush();
        Runtime.getRuntime().halt(exit);
    }
}
