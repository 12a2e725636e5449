package dev.holdfast.restore.verify;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.verify.Verdict.CouldNotLook;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.OpenOutcome;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.KeyRing;
import dev.holdfast.storage.seal.WrappedKey;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Reads all of an archive and checks it: digests, header checksums, the chain, that no segment and
/// no transaction is missing, times, that each body decompresses, the state checksum of each
/// snapshot, and that of each transaction that has one.
public final class Verifier {
    private static final int LIST_LIMIT = 1_000;

    private final ObjectStore store;
    private final VerifyProgress progress;
    private final CountDownLatch stop;
    private final List<Identity> identities;

    /// @param store stays the caller's to close
    /// @param stop ends a verification once it is counted down; it then could not look
    public Verifier(ObjectStore store, VerifyProgress progress, CountDownLatch stop) {
        this(store, progress, stop, List.of());
    }

    /// The same for a reader who may open what is encrypted; without identities its contents are
    /// not decoded.
    ///
    /// @param store as above
    public Verifier(
            ObjectStore store,
            VerifyProgress progress,
            CountDownLatch stop,
            List<Identity> identities) {
        this.identities = List.copyOf(identities);
        this.store = store;
        this.progress = progress;
        this.stop = stop;
    }

    public VerifyReport verify() {
        Findings findings = new Findings();
        Optional<CouldNotLook> obstacle;
        try {
            obstacle = look(findings);
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
            obstacle = obstacle("nothing can be checked without it", "Put it back.");
        } catch (InterruptedIOException e) {
            obstacle = obstacle(String.valueOf(e.getMessage()), "Run it again, to its end.");
        } catch (IOException e) {
            obstacle =
                    obstacle(
                            "can't read from " + store.location() + ": " + IoReason.of(e),
                            "Check that the store can be reached and read, then try again.");
        } catch (SidecarException e) {
            obstacle = obstacle(String.valueOf(e.getMessage()), e.remedy());
        }
        if (findings.count() == 0) {
            return findings.report(obstacle.<Verdict>map(it -> it).orElse(new Verdict.Good()));
        }
        obstacle.ifPresent(it -> findings.note("not all was looked at: " + it.why()));
        return findings.report(new Verdict.Violated());
    }

    private static Optional<CouldNotLook> obstacle(String why, String remedy) {
        return Optional.of(new CouldNotLook(why, remedy));
    }

    /// @return what could not be looked at
    private Optional<CouldNotLook> look(Findings findings) throws IOException, FormatException {
        return switch (Archive.open(store)) {
            case OpenOutcome.Found(Archive archive) -> {
                checkNames(findings);
                Archive keyed = archive.with(KeyRing.of(identities, store));
                try (ArchiveCheck check = new ArchiveCheck(keyed, findings, progress, stop)) {
                    check.run();
                }
                yield findings.hasSnapshot() || findings.count() > 0
                        ? Optional.empty()
                        : obstacle(
                                "nothing can be restored from this archive: it has no snapshot, and"
                                        + " without one no state can be checked",
                                "Let replicate run until its first snapshot is complete; if there"
                                        + " were snapshots, fetch them from another copy of the"
                                        + " archive.");
            }
            case OpenOutcome.Absent() ->
                    obstacle(
                            "there is no archive at " + store.location(),
                            "Check the place; the first replicate to it creates an archive.");
        };
    }

    /// Wrapped data keys, which nothing leads to, and what is not of the archive.
    private void checkNames(Findings findings) throws IOException {
        String after = null;
        ListPage page;
        do {
            page = store.list("", after, LIST_LIMIT);
            for (ListPage.Entry entry : page.entries()) {
                after = entry.name();
                if (ObjectNames.isKey(after)) {
                    checkKey(after, findings);
                } else if (!isOurs(after)) {
                    findings.note(after + " is not of the archive");
                }
            }
        } while (page.isTruncated());
    }

    private void checkKey(String name, Findings findings) throws IOException {
        try {
            Optional<WrappedKey> _ = FurtherWraps.read(store, name);
        } catch (FormatException e) {
            findings.violation(Finding.of(e));
        }
    }

    private static boolean isOurs(String name) {
        return name.equals(ObjectNames.ARCHIVE_INFO)
                || name.startsWith(ObjectNames.PROBES)
                || ObjectNames.logSeq(name).isPresent()
                || ObjectNames.snapshotSeq(name).isPresent();
    }
}
