package dev.holdfast.replicator;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.Archive;
import dev.holdfast.storage.state.LogPoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Whether a destination may be written: asked early where it is new to us, and again until it is
/// known. One that lacks what this machine does not have any more is filled from another first.
final class Admission {
    private final Joining joining;
    private final Supplier<Optional<ObjectStore>> others;
    private final BooleanSupplier isStopping;
    private final Timekeeper time;
    private final Consumer<FollowerEvent> events;
    private final Admitted admitted;

    /// Taken by who is first; by the shipper's thread once that runs.
    private @Nullable EarlyAnswer asked;

    /// What it lacks only another destination has.
    private volatile boolean isLacking;

    /// It did not answer at this start: nobody waits for it again.
    private boolean isAway;

    /// Whether it is another one by a second name; null once that is known.
    private volatile EarlyAnswer.@Nullable Question uncompared;

    /// That it is one.
    private volatile Optional<SidecarException> secondName = Optional.empty();

    private @Nullable EarlyAnswer compared;

    /// Told in the thread that asks, before it has its answer.
    @FunctionalInterface
    interface Admitted {
        /// It may be written.
        ///
        /// @param durable how far it has the log
        /// @param wasFilled whether nothing else may tell for long that this is durable
        void admitted(Archive archive, LogPoint durable, boolean wasFilled);
    }

    /// @param joining knows the store
    /// @param others another one that has the log, if there is one now
    Admission(
            Joining joining,
            Supplier<Optional<ObjectStore>> others,
            BooleanSupplier isStopping,
            Timekeeper time,
            Consumer<FollowerEvent> events,
            Admitted admitted) {
        this.joining = joining;
        this.others = others;
        this.isStopping = isStopping;
        this.time = time;
        this.events = events;
        this.admitted = admitted;
    }

    /// The answer to what was asked early, if nobody has taken it.
    ///
    /// @throws SidecarException if another writer has written there, or if it is away
    Optional<Optional<SidecarException>> awaitEarly() throws IOException {
        EarlyAnswer early = asked;
        asked = null;
        return early == null ? Optional.empty() : Optional.of(early.await());
    }

    /// Finds out whether it may be written.
    ///
    /// @return why not; tried again later
    /// @throws SidecarException if another writer has written there, or if it is away
    Optional<SidecarException> ask() throws IOException {
        if (secondName.isPresent()) {
            return secondName;
        }
        Joining.Outcome outcome = joining.attempt();
        if (!(outcome instanceof Joining.Outcome.Refused)) {
            compareOnce();
        }
        if (secondName.isPresent()) {
            return secondName;
        }
        return outcome instanceof Joining.Outcome.Lacking lacking
                ? fill(lacking)
                : answer(outcome, false);
    }

    /// What is found then holds for the run.
    private void compareOnce() throws IOException {
        EarlyAnswer.Question comparison = uncompared;
        if (comparison != null) {
            secondName = comparison.ask();
            uncompared = null;
        }
    }

    private Optional<SidecarException> answer(Joining.Outcome outcome, boolean wasFilled) {
        return switch (outcome) {
            case Joining.Outcome.Joined(Archive archive, LogPoint durable) -> {
                admitted.admitted(archive, durable, wasFilled);
                yield Optional.empty();
            }
            case Joining.Outcome.Lacking lacking -> Optional.of(lacking.why());
            case Joining.Outcome.Refused(SidecarException why) -> Optional.of(why);
        };
    }

    private Optional<SidecarException> fill(Joining.Outcome.Lacking lacking) throws IOException {
        isLacking = true;
        Optional<ObjectStore> source = others.get();
        if (source.isEmpty()) {
            return Optional.of(lacking.why());
        }
        CopyFilling copying =
                new CopyFilling(source.get(), joining.store(), lacking, isStopping, time, events);
        Optional<SidecarException> obstacle = copying.run(joining.info());
        if (obstacle.isPresent()) {
            return obstacle;
        }
        Joining.Outcome outcome = joining.attempt();
        return outcome instanceof Joining.Outcome.Lacking more
                        && more.storedSeq() > lacking.storedSeq()
                ? fill(more) // what has come meanwhile is not here any more either
                : answer(outcome, true);
    }

    /// Looks whether it has something else, before [#askEarly]: it is new to us, and nothing was
    /// captured.
    void lookEarly() {
        asked = EarlyAnswer.of(joining::whyNotEmpty);
    }

    /// Throws what is there; false for one that is away, or has not answered by then.
    boolean isFreeWithin(Duration patience) throws IOException {
        EarlyAnswer early = asked;
        asked = null;
        isAway = true;
        if (early == null || !early.isThereWithin(patience)) {
            return false;
        }
        try {
            Optional<SidecarException> there = early.await();
            if (there.isPresent()) {
                throw there.get();
            }
        } catch (SidecarException.StorageUnavailable _) {
            return false;
        }
        isAway = false;
        return true;
    }

    /// Has it compared with others before it is written.
    ///
    /// @param comparison tells that it is another one by a second name
    void compare(EarlyAnswer.Question comparison) {
        uncompared = comparison;
    }

    /// Has it compared now, before [#askEarly]: it is new to us.
    void compareEarly(EarlyAnswer.Question comparison) {
        compared = isAway ? null : EarlyAnswer.of(comparison);
    }

    /// Waits for that. One that has not answered by then is compared once it is there.
    void awaitCompared(Duration patience) {
        EarlyAnswer answer = compared;
        isAway |= answer == null || !answer.isThereWithin(patience);
    }

    /// Throws that it is another one by a second name.
    void requireOneName() throws IOException {
        EarlyAnswer answer = compared;
        compared = null;
        if (answer == null || isAway) {
            return;
        }
        try {
            Optional<SidecarException> same = answer.await();
            if (same.isPresent()) {
                throw same.get();
            }
            uncompared = null;
        } catch (SidecarException.StorageUnavailable _) {
            isAway = true;
        }
    }

    /// Has it asked, before the shipper runs.
    void askEarly() {
        asked = EarlyAnswer.of(this::ask);
    }

    /// Throws why it may not be written. One that is away, or has not answered by then, is waited
    /// for later.
    void requireAdmittedOrAway(Duration patience) throws IOException {
        EarlyAnswer early = asked;
        if (early == null || !early.isThereWithin(isAway ? Duration.ZERO : patience)) {
            return;
        }
        asked = null;
        Optional<SidecarException> obstacle;
        try {
            obstacle = early.await();
        } catch (SidecarException.StorageUnavailable _) {
            return; // told when it is tried again
        }
        if (obstacle.isPresent() && !isLacking) {
            throw obstacle.get();
        }
    }
}
