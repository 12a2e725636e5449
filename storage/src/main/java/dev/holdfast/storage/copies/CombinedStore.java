package dev.holdfast.storage.copies;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.archive.LogSegment;
import dev.holdfast.storage.archive.SnapshotPlace;
import dev.holdfast.storage.archive.SnapshotReader;
import dev.holdfast.storage.seal.FurtherWraps;
import dev.holdfast.storage.seal.WrappedKey;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/// One archive as several copies have it together, for reading. Each object is read from the first
/// copy, until that proves to be damaged: then [#repair] finds out which copy has it right. Where
/// objects of the log end differs from copy to copy: a damaged one is put together again from its
/// segments.
///
/// Several threads may read it, none of them while it is repaired.
public final class CombinedStore implements ObjectStore {
    private final ArchiveInfo info;
    private final List<Archive> copies;
    private final Map<String, Substitute> substitutes = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> repaired = new HashMap<>();
    private final List<Taken> taken = new ArrayList<>();

    /// What is not read from the first copy.
    ///
    /// @param object as it would be called there
    /// @param from where it is read; empty if it is left out, as no copy has it whole
    /// @param because what is wrong in the first copy
    public record Taken(String object, List<String> from, String because) {}

    private CombinedStore(ArchiveInfo info, List<Archive> copies) {
        this.info = info;
        this.copies = List.copyOf(copies);
    }

    /// What several copies have together: the snapshots of all, and what makes them readable for
    /// whom; and the log as far as the longest one goes.
    ///
    /// @param copies of one archive, the first as the one that is read where it is whole
    /// @throws SidecarException.CorruptArchive if one goes on with another log than the first
    public static CombinedStore of(List<Archive> copies) throws IOException {
        CombinedStore combined = new CombinedStore(copies.getFirst().info(), copies);
        combined.addMissing(ObjectNames.SNAPSHOTS);
        combined.addMissing(ObjectNames.KEYS);
        combined.addEnd();
        return combined;
    }

    /// What was not read from the first copy because of what is wrong there.
    public List<Taken> taken() {
        return List.copyOf(taken);
    }

    /// What was not read from the first copy, in a restore from this snapshot: that may be one that
    /// the first copy never had.
    public List<Taken> takenWith(String snapshot) {
        Substitute substitute = substitutes.get(snapshot);
        boolean isTold = taken.stream().anyMatch(each -> each.object().equals(snapshot));
        return substitute == null || isTold
                ? taken()
                : Stream.concat(
                                Stream.of(
                                        new Taken(
                                                snapshot, substitute.locations(), "it is missing")),
                                taken.stream())
                        .toList();
    }

    private ObjectStore first() {
        return copies.getFirst().store();
    }

    private void addMissing(String prefix) throws IOException {
        Set<String> names = new HashSet<>();
        for (Archive copy : copies) {
            for (ListPage.Entry entry : all(copy.store(), prefix)) {
                if (names.add(entry.name()) && copy != copies.getFirst()) {
                    substitutes.put(entry.name(), whole(copy, entry));
                }
            }
        }
    }

    private static Substitute whole(Archive copy, ListPage.Entry entry) {
        return new Substitute(
                List.of(new Substitute.Piece(copy.store(), entry.name(), 0, entry.bytes())));
    }

    /// What the others have beyond the first one's end.
    private void addEnd() throws IOException {
        Optional<LogEnd> end;
        try {
            end = copies.getFirst().end(1);
        } catch (FormatException _) {
            return; // whoever needs its last object meets that
        }
        long seq = end.map(it -> it.last().seq()).orElse(0L);
        GoodSegments beyond = new GoodSegments(seq + 1, Long.MAX_VALUE);
        for (Archive copy : copies.subList(1, copies.size())) {
            beyond.add(copy);
        }
        Digest wanted = end.map(LogEnd::digest).orElseGet(info::digest);
        List<Substitute.Piece> follow = beyond.contiguousAfter(wanted);
        if (follow.isEmpty() && beyond.hasFirst()) {
            throw new SidecarException.CorruptArchive(
                    "%s hold different logs: found digest %s of segment %d in the first, and another one goes on after another"
                            .formatted(location(), wanted, seq),
                    "Restore from one of them alone: another writer has been at the other.");
        }
        put(
                ObjectNames.log(seq + 1),
                follow,
                seq == 0 ? "it has no log" : "its log ends with segment " + seq);
    }

    /// @return whether there is something now
    private boolean put(String name, List<Substitute.Piece> pieces, String because) {
        if (pieces.isEmpty()) {
            return false;
        }
        Substitute substitute = new Substitute(pieces);
        substitutes.put(name, substitute);
        taken.add(new Taken(name, substitute.locations(), because));
        return true;
    }

    /// Finds another copy of what was found to be damaged, or missing, and reads that from now on.
    ///
    /// @return whether something is different now: false if no copy has it
    public boolean repair(FormatException damage) throws IOException {
        String name = damage.object();
        int tries = repaired.merge(name, 1, Integer::sum);
        if (ObjectNames.isKey(name)) {
            return tries == 1 && repairKey(name, damage);
        }
        OptionalLong snapshot = ObjectNames.snapshotSeq(name);
        OptionalLong seq = ObjectNames.logSeq(name);
        if (tries > 2 || (snapshot.isEmpty() && seq.isEmpty())) {
            return false;
        }
        boolean isFirst = tries == 1;
        if (snapshot.isPresent()) {
            if (!isFirst || !repairSnapshot(name, snapshot.getAsLong(), damage)) {
                leaveOut(name, damage);
            }
            return true;
        }
        return isFirst
                ? repairLog(name, seq.getAsLong(), damage)
                : repairLogFromBefore(name, damage);
    }

    private boolean repairSnapshot(String name, long seq, FormatException damage)
            throws IOException {
        for (Archive copy : copies) {
            for (ListPage.Entry entry : all(copy.store(), name)) {
                if (entry.name().equals(name) && isGood(copy, seq)) {
                    return put(
                            name, whole(copy, entry).pieces(), String.valueOf(damage.getMessage()));
                }
            }
        }
        return false;
    }

    private boolean repairKey(String name, FormatException damage) throws IOException {
        for (Archive copy : copies) {
            Optional<WrappedKey> key = key(copy.store(), name);
            if (key.isPresent()) {
                long bytes = key.get().bytes().remaining();
                return put(
                        name,
                        List.of(new Substitute.Piece(copy.store(), name, 0, bytes)),
                        String.valueOf(damage.getMessage()));
            }
        }
        return false;
    }

    private static Optional<WrappedKey> key(ObjectStore store, String name) throws IOException {
        try {
            return FurtherWraps.read(store, name);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    /// An older one has to do.
    private void leaveOut(String name, FormatException damage) {
        substitutes.put(name, new Substitute(List.of()));
        taken.add(new Taken(name, List.of(), String.valueOf(damage.getMessage())));
    }

    /// Whether it is whole, and of this log as far as that is known.
    private boolean isGood(Archive copy, long snapshot) throws IOException {
        try {
            SnapshotReader reader = copy.snapshot(snapshot);
            Optional<LogSegment> at = segment(reader.footer().consistentAt());
            if (at.isPresent()) {
                SnapshotPlace.check(reader, at.get());
            }
            reader.prove(() -> {});
            return true;
        } catch (FormatException _) {
            return false;
        }
    }

    /// Of the log as it is read now; empty if nobody can tell yet.
    private Optional<LogSegment> segment(long seq) throws IOException {
        try {
            return Archive.of(this, info).segment(seq);
        } catch (FormatException _) {
            return Optional.empty();
        }
    }

    /// What is by itself whole does not follow what is before it: that reaches too far, or is of
    /// another log. Both are one object from now on.
    private boolean repairLogFromBefore(String name, FormatException damage) throws IOException {
        Optional<String> before =
                all(this, ObjectNames.LOG).stream()
                        .map(ListPage.Entry::name)
                        .filter(each -> each.compareTo(name) < 0)
                        .filter(each -> ObjectNames.logSeq(each).isPresent())
                        .reduce((_, last) -> last);
        if (before.isEmpty()) {
            return false;
        }
        long seq = ObjectNames.logSeq(before.get()).orElseThrow();
        GoodSegments good = good(seq, lastBefore(name));
        substitutes.put(name, new Substitute(List.of()));
        return put(before.get(), good.contiguous(), String.valueOf(damage.getMessage()));
    }

    /// The last segment in front of the object behind this one.
    private long lastBefore(String name) throws IOException {
        return all(this, ObjectNames.LOG).stream()
                .map(ListPage.Entry::name)
                .filter(each -> each.compareTo(name) > 0)
                .flatMapToLong(each -> ObjectNames.logSeq(each).stream())
                .map(seq -> seq - 1)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    private boolean repairLog(String name, long seq, FormatException damage) throws IOException {
        GoodSegments good = good(seq, lastBefore(name));
        return put(name, good.contiguous(), String.valueOf(damage.getMessage()));
    }

    private GoodSegments good(long firstSeq, long lastSeq) throws IOException {
        GoodSegments good = new GoodSegments(firstSeq, lastSeq);
        for (Archive copy : copies) {
            good.add(copy);
        }
        return good;
    }

    private static List<ListPage.Entry> all(ObjectStore store, String prefix) throws IOException {
        List<ListPage.Entry> entries = new ArrayList<>();
        String after = null;
        ListPage page;
        do {
            page = store.list(prefix, after, 1_000);
            entries.addAll(page.entries());
            after = entries.isEmpty() ? after : entries.getLast().name();
        } while (page.isTruncated());
        return entries;
    }

    @Override
    public ReadOutcome read(String name, long offset, ByteBuffer into) throws IOException {
        if (name.equals(ObjectNames.ARCHIVE_INFO)) {
            return new KeptObject(info.toBytes()).read(offset, into);
        }
        Substitute substitute = substitutes.get(name);
        return substitute == null
                ? first().read(name, offset, into)
                : substitute.read(offset, into);
    }

    @Override
    public ListPage list(String prefix, @Nullable String startAfter, int limit) throws IOException {
        @Nullable String after = startAfter;
        while (true) {
            ListPage page = first().list(prefix, after, limit);
            @Nullable String last =
                    page.isTruncated() && !page.entries().isEmpty()
                            ? page.entries().getLast().name()
                            : null;
            List<ListPage.Entry> entries = merged(page, prefix, startAfter, last);
            if (!entries.isEmpty() || last == null) {
                return new ListPage(
                        entries.stream().limit(limit).toList(),
                        page.isTruncated() || entries.size() > limit);
            }
            after = last; // all of them are left out
        }
    }

    /// A page of the first copy with what is read elsewhere, and without what is left out.
    ///
    /// @param last the page's last name, if more come behind it
    private List<ListPage.Entry> merged(
            ListPage page, String prefix, @Nullable String after, @Nullable String last) {
        Map<String, ListPage.Entry> entries = new TreeMap<>();
        page.entries().forEach(entry -> entries.put(entry.name(), entry));
        substitutes.forEach((name, substitute) -> {
            boolean isHere =
                    name.startsWith(prefix)
                            && (after == null || name.compareTo(after) > 0)
                            && (last == null || name.compareTo(last) <= 0);
            if (isHere && substitute.pieces().isEmpty()) {
                entries.remove(name);
            } else if (isHere) {
                entries.put(name, new ListPage.Entry(name, substitute.bytes()));
            }
        });
        return List.copyOf(entries.values());
    }

    @Override
    public String location() {
        return String.join(" and ", copies.stream().map(copy -> copy.store().location()).toList());
    }

    @Override
    public CreateOutcome create(String name, ObjectBody body) {
        throw onlyForReading();
    }

    @Override
    public ObjectUpload upload(String name) {
        throw onlyForReading();
    }

    @Override
    public DeleteOutcome delete(String name) {
        throw onlyForReading();
    }

    private static IllegalStateException onlyForReading() {
        return new IllegalStateException("several copies together are for reading only");
    }

    @Override
    public void close() {
        // the stores are the caller's
    }
}
