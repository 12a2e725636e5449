package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ProgressLine;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.restore.heal.CopyHealer;
import dev.holdfast.restore.heal.HealReport;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.copies.DiscardingStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;

/// Repairs one copy of an archive from another.
@Command(
        name = "heal",
        description = {
            "Checks every object of a copy of an archive, and creates what is missing there from"
                    + " another copy, each digest checked on the way.",
            "Nothing is ever replaced: a damaged object is named, and is there until you remove it"
                    + " and heal again. A replicate may be writing to both meanwhile.",
            "Exit code: 0 if the copy is whole now; 40 if something is damaged or missing still."
        })
public final class HealCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final StopRequest stop = new StopRequest();

    @Option(
            names = "--from",
            required = true,
            paramLabel = "ARCHIVE",
            description = "The copy to take from. " + SharedOptions.ARCHIVE)
    private String from = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "ARCHIVE",
            description = "The copy to repair; one is made if there is none.")
    private String to = "";

    @Option(
            names = "--dry-run",
            description = "Check all, say what would be created, and create nothing.")
    private boolean isDryRun;

    @Mixin private SharedOptions shared = new SharedOptions();

    public HealCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        stop.listenTo(surroundings.stopSignals());
        Places places = Places.parse(List.of(from, to));
        StoreLocation place = places.locations().getLast();
        new Places(List.of(place)).refuseStateFolders();
        try (ObjectStore source = Stores.openForReading(from, stop.latch());
                ProgressLine line = surroundings.progressLine(shared.isJson())) {
            HealReport report = ArchiveReading.in(source, archive -> heal(archive, place, line));
            line.clear();
            print(report);
            return report.isWhole() ? ExitCode.OK.number() : ExitCode.CORRUPT_ARCHIVE.number();
        } catch (Stopped _) {
            return stopped();
        }
    }

    /// By a signal.
    private static final class Stopped extends RuntimeException {}

    private HealReport heal(Archive source, StoreLocation place, ProgressLine line)
            throws IOException {
        try (ObjectStore target = opened(source, place);
                ObjectStore copy = isDryRun ? new DiscardingStore(target) : target) {
            return new CopyHealer(
                            source,
                            copy,
                            (object, checked, created) ->
                                    line.update(() ->
                                            "checked %,d objects, %s %,d"
                                                    .formatted(
                                                            checked,
                                                            isDryRun ? "would create" : "created",
                                                            created)),
                            stop.latch())
                    .heal();
        } catch (InterruptedIOException e) {
            if (stop.isMade()) {
                throw new Stopped();
            }
            throw e;
        }
    }

    private ObjectStore opened(Archive source, StoreLocation place) {
        return isDryRun
                ? Stores.openForReading(to, stop.latch())
                : Stores.openForHealing(
                        place, stop.latch(), store -> CopyHealer.check(source, store));
    }

    private int stopped() {
        PrintStream out = surroundings.out();
        out.println(
                shared.isJson()
                        ? new JsonObject().put("outcome", "stopped").toString()
                        : "stopped; what was created stays, and another heal goes on from there");
        return stop.exitCode();
    }

    private void print(HealReport report) {
        PrintStream out = surroundings.out();
        if (shared.isJson()) {
            out.println(
                    new JsonObject()
                            .put("outcome", report.isWhole() ? "whole" : "damaged")
                            .put("dry_run", isDryRun)
                            .put("created_objects", report.objects())
                            .put("created_bytes", report.bytes())
                            .put("left", report.left().stream().map(VerifyCommand::json).toList())
                            .put(
                                    "unavailable",
                                    report.unavailable().stream()
                                            .map(VerifyCommand::json)
                                            .toList()));
            return;
        }
        String created =
                "%s %s (%s)"
                        .formatted(
                                isDryRun ? "would create" : "created",
                                Amounts.count(report.objects(), "object", "objects"),
                                Amounts.size(report.bytes()));
        if (report.isWhole()) {
            out.println(
                    report.objects() == 0
                            ? to + " is whole: nothing is missing"
                            : created + (isDryRun ? ", then " : "; ") + to + " is whole");
            return;
        }
        out.println(created + "; " + to + " is still not whole");
        report.left().forEach(finding -> out.println("  damaged: " + finding));
        report.unavailable().forEach(finding -> out.println("  not to be had: " + finding));
        if (!report.left().isEmpty()) {
            out.println(
                    "hint: Objects are written once, so that a damaged one stays: remove those that"
                            + " are named, then heal again.");
        } else {
            out.println("hint: Heal again from a third copy, if there is one.");
        }
    }
}
