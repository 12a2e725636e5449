package dev.holdfast.cli.command;

import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.Times;
import dev.holdfast.format.Micros;
import dev.holdfast.replicator.SpoolStatus.Waiting;
import dev.holdfast.restore.RestorePoint;
import dev.holdfast.restore.history.ArchiveStatus;

import java.io.PrintStream;
import java.util.Optional;

/// A status in words, a line for each answer.
record StatusText(PrintStream out) {
    void print(String location, ArchiveStatus archive, Optional<LocalStatus> local) {
        line("archive", archive.info().id() + " in " + location);
        if (local.filter(LocalStatus::isFenced).isPresent()) {
            line(
                    "FENCED",
                    "another writer has the archive: "
                            + archive.lastWriter().map(Object::toString).orElse(""));
        }
        local.ifPresent(this::print);
        print(archive);
    }

    /// Where nothing is known of the store.
    void print(String location, String problem, LocalStatus local) {
        line("archive", local.identity().archive().id() + " in " + location);
        line("store", "can't say anything: " + problem);
        print(local);
    }

    private void print(LocalStatus local) {
        line(
                "captured",
                local.last()
                        .map(it -> text(new RestorePoint(it.lastTx(), it.lastMicros())))
                        .orElse("nothing yet"));
        line("waiting", local.waiting().bytes() == 0 ? "nothing" : waiting(local));
    }

    private static String waiting(LocalStatus local) {
        Waiting waiting = local.waiting();
        String amount =
                Amounts.count(waiting.transactions(), "transaction", "transactions")
                        + ", "
                        + Amounts.size(waiting.bytes());
        if (local.isLastWriter().isEmpty()) {
            return "at most " + amount + ": the store can't say which of it it has";
        }
        return local.isFenced()
                ? amount + ": can't be shipped anymore, as another writer has the archive"
                : amount;
    }

    private void print(ArchiveStatus archive) {
        line("durable", archive.durable().map(StatusText::text).orElse("nothing is durable yet"));
        if (tx(archive.last()) > tx(archive.durable())) {
            line("stored", archive.last().map(StatusText::text).orElse("") + why(archive));
        }
        line(
                "log",
                Amounts.size(archive.logBytes())
                        + " in "
                        + Amounts.count(archive.logObjectCount(), "object", "objects")
                        + ", up to segment "
                        + archive.lastSeq());
        line(
                "snapshot",
                archive.newestSnapshot()
                        .map(it -> Amounts.size(it.bytes()) + ", of " + text(it.at()))
                        .orElse(
                                archive.snapshotCount() == 0
                                        ? "none is complete yet"
                                        : "none that can be restored"));
        line(
                "restorable",
                archive.oldestRestorable().isEmpty() || archive.newestRestorable().isEmpty()
                        ? nothingRestorable(archive)
                        : "from "
                                + text(archive.oldestRestorable().get())
                                + " to "
                                + text(archive.newestRestorable().get()));
    }

    private static long tx(Optional<ArchiveStatus.Dated> dated) {
        return dated.map(it -> it.point().tx()).orElse(0L);
    }

    /// Why it is not durable.
    private static String why(ArchiveStatus archive) {
        if (archive.loss().isPresent()) {
            return ": can't be restored, something is missing";
        }
        return archive.snapshotCount() == 0
                ? ": waits for the first snapshot"
                : ": history began anew, and waits for a snapshot";
    }

    private static String nothingRestorable(ArchiveStatus archive) {
        return archive.snapshotCount() == 0
                ? "nothing yet: the first snapshot is not complete"
                : "nothing: the log, or a part of it that is needed, is missing";
    }

    void line(String name, String text) {
        out.println("%-10s %s".formatted(name, text));
    }

    private static String text(ArchiveStatus.Dated dated) {
        return text(dated.point()) + ", " + Amounts.duration(dated.age()) + " ago";
    }

    private static String text(RestorePoint point) {
        return "transaction "
                + point.tx()
                + " of "
                + Times.rfc3339(Micros.toInstant(point.micros()));
    }
}
