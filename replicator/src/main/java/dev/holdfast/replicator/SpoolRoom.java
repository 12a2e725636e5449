package dev.holdfast.replicator;

import dev.holdfast.replicator.SpoolPolicy.WhenFull;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Whether there is room for more of the log on this machine: what waits for the stores stays below
/// a limit, and what is left of a disk is the application's. Owned by the capture thread.
final class SpoolRoom implements LogWriter.Room {
    /// What the application is left, of a large disk and of a small one.
    private static final long MOST_RESERVE = 64_000_000;

    private static final int RESERVE_SHARE = 20;

    /// An application's WAL is as long as that, or half, without us.
    private static final long OWN_WAL_BYTES = 8 << 20;

    private final Spool spool;
    private final LongSupplier durableSeq;
    private final LongSupplier furthestSeq;
    private final Disk local;
    private final Disk ofDatabase;
    private final WhenFull whenFull;
    private final long limit;
    private boolean isLeft;

    /// The disk of a folder, of which some is the application's. Nothing is held against one that
    /// can't be asked, as while the folder is not there: whoever writes to it will know. (Java's
    /// `FileStore` looks for the mount, which is not seen in every container.)
    private record Disk(File folder) {
        long usable() {
            return folder.getUsableSpace();
        }

        /// 0 if it can't be asked.
        long reserve() {
            return Math.min(MOST_RESERVE, folder.getTotalSpace() / RESERVE_SHARE);
        }

        boolean isShort() {
            return usable() < reserve();
        }

        /// Well clear of that, so that a disk at the edge is not a new history each time.
        boolean isShortNoMore() {
            return usable() >= 2 * reserve();
        }
    }

    /// @param durableSeq the last segment that all stores have
    /// @param furthestSeq the last segment that one of them has
    SpoolRoom(
            Spool spool,
            LongSupplier durableSeq,
            LongSupplier furthestSeq,
            SpoolPolicy policy,
            Path state,
            Path database) {
        this.spool = spool;
        this.durableSeq = durableSeq;
        this.furthestSeq = furthestSeq;
        this.local = new Disk(state.toFile());
        this.ofDatabase = new Disk(database.toAbsolutePath().resolveSibling("").toFile());
        this.whenFull = policy.whenFull();
        this.limit = policy.limitOf(local.usable() + spool.bytesAfter(0));
    }

    /// The last segment that need not be kept here: all stores have it, or one has, from which the
    /// others get it later, and there is no room for it.
    long unneededSeq() {
        long durable = durableSeq.getAsLong();
        boolean isTight = spool.bytesAfter(durable) >= limit || local.isShort();
        return isTight ? furthestSeq.getAsLong() : durable;
    }

    @Override
    public void require() throws NoRoomException {
        Optional<NoRoomException> lack = lack();
        if (lack.isPresent()) {
            throw lack.get();
        }
    }

    private Optional<NoRoomException> lack() {
        if (waiting() >= limit) {
            return Optional.of(
                    new NoRoomException(
                            "the spool has reached its limit, %,d bytes wait for the store"
                                    .formatted(limit),
                            "Make the store reachable: capture goes on by itself then. "
                                    + switch (whenFull) {
                                        case KEEP ->
                                                "Until then the WAL grows; --spool-limit allows"
                                                        + " more.";
                                        case REBASE ->
                                                "Until then commits are not kept one by one;"
                                                        + " --spool-limit allows more.";
                                    }));
        }
        if (local.isShort()) {
            return Optional.of(
                    new NoRoomException(
                            "the disk of %s is nearly full: the last %,d bytes are left to the application"
                                    .formatted(local.folder(), local.reserve()),
                            "Make room on it; capture goes on by itself then."));
        }
        return Optional.empty();
    }

    /// Whether the database must be let go of for lack of room, until [#isLeft] says otherwise: its
    /// WAL, which we keep from beginning anew, would take what the application needs.
    ///
    /// @param walBytes how long it is
    boolean isToBeLeft(long walBytes) {
        boolean isInTheWay = ofDatabase.isShort() && walBytes > OWN_WAL_BYTES;
        isLeft = isInTheWay || (whenFull == WhenFull.REBASE && lack().isPresent());
        return isLeft;
    }

    /// Whether the database was let go of, and there is not so much room again that it could be
    /// followed for a while.
    boolean isLeft() {
        isLeft = isLeft && (waiting() > limit / 2 || !local.isShortNoMore());
        return isLeft;
    }

    /// For all of the stores: one that is away is no reason to keep the others waiting.
    private long waiting() {
        return spool.bytesAfter(furthestSeq.getAsLong());
    }
}
