package dev.holdfast.cli.command;

import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerEnd;
import dev.holdfast.storage.state.FlushAnswer;
import dev.holdfast.storage.state.FlushLag;
import dev.holdfast.storage.state.FlushRequest;
import dev.holdfast.storage.state.StateFolder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Has a running replicate make durable now what is committed, whatever its budget, and waits for
/// it. Speaks to it through its state folder alone.
@Command(
        name = "flush",
        description = {
            "Has the running replicate ship now what is committed, whatever its budget of uploads,"
                    + " and waits until it is durable.",
            "Exit code: 0 if it is; 32 if not, or if no replicate runs."
        })
public final class FlushCommand implements Runnable {
    private static final long POLL_MILLIS = 20;
    private static final long ALIVE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Surroundings surroundings;

    @Parameters(paramLabel = "DB", description = "The database that replicate follows.")
    private Path database = Path.of("");

    @Option(
            names = "--state",
            paramLabel = "FOLDER",
            description = "The state folder of DB, if replicate was given one.")
    private @Nullable Path state;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait for it. Default: 60s.")
    private Duration timeout = Duration.ofSeconds(60);

    @Mixin private SharedOptions shared = new SharedOptions();

    public FlushCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        LocalState local = LocalState.of(database, state, ", or start replicate.");
        requireOurs(local);
        Path folder = local.folder();
        if (!StateFolder.isInUse(folder)) {
            throw noReplicate("nothing was asked for");
        }
        CountDownLatch stop = new CountDownLatch(1);
        surroundings.stopSignals().handle(_ -> stop.countDown(), _ -> stop.countDown());
        try (FlushRequest request = FlushRequest.make(folder, new SecureRandom().nextLong())) {
            tell(await(request, folder, stop));
        }
    }

    /// What is durable of another database says nothing of this one.
    private void requireOurs(LocalState local) {
        if (!local.isOf(database)) {
            throw new SidecarException.LocalFiles(
                    "the state folder %s is of another database: found %s, wanted %s"
                            .formatted(local.folder(), local.identity().database(), database),
                    "Give --state as the replicate that follows " + database + " was given it.");
        }
    }

    private FlushAnswer await(FlushRequest request, Path folder, CountDownLatch stop) {
        long began = surroundings.nanoTime().getAsLong();
        long lookedAt = began;
        while (true) {
            Optional<FlushAnswer> answer = request.answer();
            if (answer.isPresent()) {
                return answer.get();
            }
            long now = surroundings.nanoTime().getAsLong();
            if (now - began >= timeout.toNanos()) {
                throw tooLate(request.lag());
            }
            if (now - lookedAt >= ALIVE_NANOS) {
                lookedAt = now;
                if (!StateFolder.isInUse(folder)) {
                    // It may have answered with its last breath
                    return request.answer()
                            .orElseThrow(() -> noReplicate("it ended before all was durable"));
                }
            }
            if (isStopped(stop)) {
                throw new SidecarException.NotDurable(
                        "stopped while waiting; what is committed is shipped all the same",
                        "Run flush again to be sure.");
            }
        }
    }

    private static SidecarException tooLate(Optional<FlushLag> lag) {
        return new SidecarException.NotDurable(
                "not all that is committed became durable within the time given"
                        + lag.map(FlushCommand::why).orElse(""),
                "See what the running replicate says, or ask holdfast status; give --timeout"
                        + " more.",
                lag.map(FlushLag::destinations).orElse(List.of()));
    }

    /// What each destination lacks, as the one who ships has told it last.
    private static String why(FlushLag lag) {
        FollowerEnd now = new FollowerEnd(lag.isCaptured(), lag.capturedTx(), lag.destinations());
        return now.isAllDurable() ? "" : ": " + ReplicateCommand.missing(now);
    }

    private static boolean isStopped(CountDownLatch stop) {
        try {
            return stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            return true;
        }
    }

    private SidecarException noReplicate(String consequence) {
        return new SidecarException.NotDurable(
                "no replicate is running for " + database + ": " + consequence,
                "Start replicate: it ships what waits.");
    }

    private void tell(FlushAnswer answer) {
        if (shared.isJson()) {
            surroundings
                    .out()
                    .println(
                            new JsonObject()
                                    .put("durable_tx", answer.tx())
                                    .put("durable_time", answer.time())
                                    .put("segment", answer.seq()));
        } else {
            surroundings
                    .out()
                    .println(
                            answer.tx() == 0
                                    ? "nothing has been committed yet"
                                    : "all is durable, up to transaction %,d of %s"
                                            .formatted(answer.tx(), answer.time()));
        }
    }
}
