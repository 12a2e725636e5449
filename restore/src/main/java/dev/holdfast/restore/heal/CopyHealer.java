package dev.holdfast.restore.heal;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.restore.verify.Finding;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.copies.DiscardingStore;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Heals what a place has of an archive, be it nothing at all: [Healer], with the `archive.json`
/// that may be missing there. Where there is a log without one, it is created only once all that is
/// there has proven to be whole, and of the same archive.
public final class CopyHealer {
    private final Archive from;
    private final ObjectStore to;
    private final HealProgress progress;
    private final CountDownLatch stop;

    /// From a copy that was opened.
    ///
    /// @param to one that discards what is stored makes a dry run
    /// @param stop ends it once it is counted down; what was created stays
    public CopyHealer(Archive from, ObjectStore to, HealProgress progress, CountDownLatch stop) {
        this.from = from;
        this.to = to;
        this.progress = progress;
        this.stop = stop;
    }

    private enum Head {
        THERE,
        NOTHING_THERE,
        MISSING
    }

    /// Refuses a place that holds something else than a copy of this archive. Reads only.
    public static void check(Archive from, ObjectStore to) throws IOException {
        Head _ = head(from, to);
    }

    private static Head head(Archive from, ObjectStore to) throws IOException {
        try {
            return switch (Archive.open(to)) {
                case OpenOutcome.Found(Archive there) -> {
                    ArchiveReading.checkCopies(there, from);
                    yield Head.THERE;
                }
                case OpenOutcome.Absent() -> Head.NOTHING_THERE;
            };
        } catch (FormatException.MissingObject _) {
            SameLog.requireBeginning(from, to);
            return Head.MISSING;
        } catch (FormatException e) {
            throw new SidecarException.CorruptArchive(
                    e,
                    "%s is damaged in the copy, and nothing is replaced: remove that object, then heal again."
                            .formatted(e.object()));
        }
    }

    /// Does it.
    ///
    /// @throws SidecarException.BadUsage if there is another archive
    /// @throws SidecarException.CorruptArchive as [Healer#heal]; if what is there is damaged so
    ///   that nobody can tell whose it is, or of another log
    public HealReport heal() throws IOException {
        return switch (opened()) {
            case THERE -> healer(to).heal();
            case NOTHING_THERE -> healWithHead();
            case MISSING -> healHeadless();
        };
    }

    private Head opened() throws IOException {
        try {
            return head(from, to);
        } catch (IOException e) {
            throw new SidecarException.StorageUnavailable(
                    "can't use " + to.location() + ": " + IoReason.of(e),
                    "Check that the store can be reached, then try again.",
                    e);
        }
    }

    private Healer healer(ObjectStore copy) {
        return new Healer(from, Archive.of(copy, from.info()), progress, stop);
    }

    /// What is created can't be taken back: all else is proven before.
    private HealReport healHeadless() throws IOException {
        HealReport planned = planned();
        if (!planned.left().isEmpty() || hasGap(planned)) {
            Finding head =
                    new Finding(
                            ObjectNames.ARCHIVE_INFO,
                            0,
                            "the object is missing: it is created once the log in the copy is"
                                    + " whole, and nothing else there is damaged");
            List<Finding> unavailable =
                    Stream.concat(Stream.of(head), planned.unavailable().stream()).toList();
            return new HealReport(0, 0, planned.left(), unavailable);
        }
        SameLog.require(from, to);
        return healWithHead();
    }

    /// Nothing is stored, and nothing told as stored.
    private HealReport planned() throws IOException {
        return new Healer(
                        from,
                        Archive.of(new DiscardingStore(to), from.info()),
                        (object, checked, _) -> progress.report(object, checked, 0),
                        stop)
                .heal();
    }

    /// What lies behind one is of nobody knows which log.
    private static boolean hasGap(HealReport planned) {
        return planned.unavailable().stream()
                .anyMatch(finding -> ObjectNames.logSeq(finding.object()).isPresent());
    }

    private HealReport healWithHead() throws IOException {
        boolean isMade = Archive.create(to, from.info()) instanceof CreateOutcome.Created;
        if (head(from, to) != Head.THERE) {
            throw new IOException(
                    ObjectNames.ARCHIVE_INFO
                            + " was created in "
                            + to.location()
                            + " and is not there");
        }
        HealReport rest = healer(to).heal();
        return isMade ? rest.and(1, from.info().toBytes().length) : rest;
    }
}
