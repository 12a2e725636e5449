package dev.holdfast.replicator;

import dev.holdfast.format.RebaseReason;
import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.archive.LogEnd;
import dev.holdfast.storage.state.LogPoint;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Optional;

/// Makes sure that a log is ours before anything else is done: claims it if it has to, at once, as
/// its writer may be at work. The log's end is looked for, the name behind it taken, and if the
/// other writer was first, that again from there on.
///
/// @param hasOthers whether the log goes to other stores too
/// @param isOld whether the state folder has an identity of before this start
/// @param pages what the state folder has of the database, perhaps of another archive
record Owning(
        Archive archive,
        boolean hasOthers,
        boolean isOld,
        StateFolder state,
        Optional<SavedPages> pages,
        Spool spool,
        FollowerOptions options,
        Timekeeper time) {
    /// Whether the other is a moment ahead is chance, and a few tries are enough; who is ahead so
    /// often always will be.
    private static final int CLAIM_TRIES = 1_000;

    /// What came of it.
    sealed interface Outcome {
        /// The log is ours.
        record Owned(LogStart start) implements Outcome {}

        /// So it is, but some of it is not there, or damaged: another store may have it.
        record Lacking(SidecarException why) implements Outcome {}
    }

    /// Until a claim is stored the state folder keeps what it knows of the log, but for its writer
    /// id.
    ///
    /// @param found who we were, or would be
    /// @throws SidecarException if another writer has the log
    Outcome by(WriterIdentity found) throws IOException, FormatException {
        WriterIdentity identity = found;
        OwnLog own = OwnLog.of(archive.info().id(), pages, spool);
        long known = Math.max(1, spool.first().map(SpoolEntry::seq).orElse(1L) - 1);
        NewestObject newest = new NewestObject(identity.writer(), hasOthers, time);
        Optional<LogEnd> stored;
        try {
            stored = archive.end(known);
        } catch (FormatException e) {
            return new Outcome.Lacking(newest.unreadable(e, archive.store(), spool));
        }
        if (stored.isPresent() && stored.get().last().writer().equals(identity.writer())) {
            Optional<SidecarException> damage = newest.damage(archive, stored.get(), own);
            if (damage.isPresent()) {
                return new Outcome.Lacking(damage.get());
            }
        }
        boolean isSealing = !options.recipients().isEmpty();
        for (int tries = 0; ; tries++) {
            // Each time: whoever is at work may have begun to encrypt
            SealedLog.requireKept(stored.map(LogEnd::last), isSealing, archive.store().location());
            switch (owner(identity, own, stored)) {
                case Ownership.Ours(
                                LogPoint end,
                                LogPoint durable,
                                Optional<LogStart.Known> database,
                                RebaseReason reason) -> {
                    SealedLog.requireFollowed(
                            stored.map(LogEnd::last),
                            spool.entry(durable.seq() + 1),
                            archive.store().location());
                    return owned(durable, identity, own, end, database, reason);
                }
                case Ownership.Lacking(SidecarException why) -> {
                    return new Outcome.Lacking(why);
                }
                case Ownership.Claimed(
                                LogEnd end,
                                Optional<LogStart.Known> database,
                                RebaseReason reason) -> {
                    state.saveIdentity(identity);
                    return claimed(Claim.storedAt(end), identity, database, reason);
                }
                case Ownership.Claimable(
                                LogEnd end,
                                Optional<LogStart.Known> database,
                                RebaseReason reason) -> {
                    Optional<SidecarException> damage =
                            database.isPresent()
                                    ? NewestObject.damage(archive, end)
                                    : Optional.empty();
                    if (damage.isPresent()) {
                        return new Outcome.Lacking(damage.get());
                    }
                    if (tries == CLAIM_TRIES) {
                        throw Fencing.outpacedBy(end.last(), tries, archive.store().location());
                    }
                    if (tries == 0) {
                        identity = found.claimingAs(new WriterId(new SecureRandom().nextLong()));
                        state.saveIdentity(identity);
                    }
                    Claim claim =
                            Claim.after(end, identity.writer(), options.codec(), isSealing, time);
                    if (claim.storeIn(archive.store()) instanceof CreateOutcome.Created) {
                        return claimed(claim, identity, database, reason);
                    }
                    stored = Optional.of(archive.endFrom(claim.header().seq()));
                }
            }
        }
    }

    private Ownership owner(WriterIdentity identity, OwnLog own, Optional<LogEnd> stored)
            throws IOException {
        return new OwnershipFinder(
                        archive, identity.writer(), isOld, own, options.isTakeOver(), stored)
                .find();
    }

    /// The claim is stored. What the state folder knows of the log before counts no more, unless
    /// the claim goes on where that ended.
    private Outcome claimed(
            Claim claim,
            WriterIdentity identity,
            Optional<LogStart.Known> database,
            RebaseReason reason)
            throws IOException {
        spool.clear();
        if (database.isEmpty()) {
            state.removePages();
        }
        LogPoint end =
                claim.addTo(
                                spool,
                                database.map(LogStart.Known::source).orElse(SourcePosition.NOWHERE))
                        .point();
        OwnLog own = new OwnLog(spool, Optional.empty()); // a claim names what is before it
        return owned(end, identity, own, end, database, reason);
    }

    /// Nobody else can write on: the state folder says from now on who we are.
    private Outcome owned(
            LogPoint durable,
            WriterIdentity identity,
            OwnLog own,
            LogPoint end,
            Optional<LogStart.Known> database,
            RebaseReason reason) {
        WriterIdentity settled = identity.settled();
        state.saveIdentity(settled);
        return new Outcome.Owned(
                new LogStart(
                        Optional.of(new LogStart.Stored(archive, durable)),
                        settled,
                        own,
                        end,
                        database,
                        reason));
    }
}
