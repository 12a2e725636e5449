package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ProgressLine;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.restore.verify.Verdict;
import dev.holdfast.restore.verify.Verifier;
import dev.holdfast.restore.verify.VerifyProgress;
import dev.holdfast.restore.verify.VerifyReport;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// Reads all of an archive and checks it. Its exit codes are its own: a script must be able to tell
/// "violated" from "could not look" without knowing why. A command line that is wrong is one more
/// way not to look.
@Command(
        name = "verify",
        description = {
            "Reads all of an archive and checks every digest, the chain, that everything can be"
                    + " decoded, and the state checksums.",
            "Exit code: 0 good; 1 violated; 2 could not look, whatever the reason: a wrong command"
                    + " line, no archive, no snapshot in it, a store that does not answer."
        })
public final class VerifyCommand implements Callable<Integer>, OwnExitCodes {
    private static final int GOOD = 0;
    private static final int VIOLATED = 1;
    private static final int COULD_NOT_LOOK = 2;

    private final Surroundings surroundings;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "ARCHIVE",
            description = SharedOptions.ARCHIVE)
    private String from = "";

    @Mixin private IdentityOption identity = new IdentityOption();

    @Mixin private SharedOptions shared = new SharedOptions();

    public VerifyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public int exitOf(Throwable failure) {
        return COULD_NOT_LOOK;
    }

    @Override
    public boolean isResultPrinted() {
        return true;
    }

    @Override
    public Integer call() {
        List<Identity> identities = identity.read();
        CountDownLatch stop = new CountDownLatch(1);
        surroundings
                .stopSignals()
                .handle(_ -> stop.countDown(), _ -> Runtime.getRuntime().halt(COULD_NOT_LOOK));
        try (ObjectStore store = Stores.openForReading(from, stop);
                ProgressLine line = surroundings.progressLine(shared.isJson())) {
            VerifyProgress progress =
                    (object, done, total) ->
                            line.update(() -> "verified %,d of %,d objects".formatted(done, total));
            VerifyReport report = new Verifier(store, progress, stop, identities).verify();
            line.clear();
            if (shared.isJson()) {
                surroundings.out().println(json(report));
            } else {
                print(report);
            }
            return switch (report.verdict()) {
                case Verdict.Good() -> GOOD;
                case Verdict.Violated() -> VIOLATED;
                case Verdict.CouldNotLook _ -> COULD_NOT_LOOK;
            };
        }
    }

    private static JsonObject json(VerifyReport report) {
        String verdict =
                switch (report.verdict()) {
                    case Verdict.Good() -> "good";
                    case Verdict.Violated() -> "violated";
                    case Verdict.CouldNotLook _ -> "could_not_look";
                };
        Verdict.CouldNotLook obstacle =
                report.verdict() instanceof Verdict.CouldNotLook it ? it : null;
        VerifyReport.Counts counts = report.counts();
        return new JsonObject()
                .put("verdict", verdict)
                .put("why", obstacle == null ? null : obstacle.why())
                .put("hint", obstacle == null ? null : obstacle.remedy())
                .put("findings", report.findings().stream().map(VerifyCommand::json).toList())
                .put("more_findings", report.moreFindings())
                .putTexts("notes", report.notes())
                .put("log_objects", counts.logObjects())
                .put("segments", counts.segments())
                .put("transactions", counts.transactions())
                .put("snapshots", counts.snapshots())
                .put("states", counts.states())
                .put("bytes", counts.bytes());
    }

    static JsonObject json(Finding finding) {
        return new JsonObject()
                .put("object", finding.object())
                .put("offset", finding.offset())
                .put("what", finding.what());
    }

    private void print(VerifyReport report) {
        PrintStream out = surroundings.out();
        switch (report.verdict()) {
            case Verdict.Good() -> out.println("good: " + from + " is whole and unchanged");
            case Verdict.Violated() -> {
                long count = report.findings().size() + report.moreFindings();
                out.println("violated: " + Amounts.count(count, "finding", "findings"));
                report.findings().forEach(finding -> out.println("  " + finding));
                if (report.moreFindings() > 0) {
                    out.println("  and " + report.moreFindings() + " more");
                }
            }
            case Verdict.CouldNotLook(String why, String remedy) -> {
                out.println("could not look: " + why);
                out.println("hint: " + remedy);
            }
        }
        report.notes().forEach(note -> out.println("note: " + note));
        VerifyReport.Counts counts = report.counts();
        if (counts.bytes() == 0 && report.verdict() instanceof Verdict.CouldNotLook) {
            return;
        }
        out.println(
                "checked and good: %s, %s, %s, %s, %s, %s"
                        .formatted(
                                Amounts.count(counts.logObjects(), "log object", "log objects"),
                                Amounts.count(counts.segments(), "segment", "segments"),
                                Amounts.count(counts.transactions(), "transaction", "transactions"),
                                Amounts.count(counts.snapshots(), "snapshot", "snapshots"),
                                Amounts.count(counts.states(), "state checksum", "state checksums"),
                                Amounts.size(counts.bytes())));
    }
}
