package dev.holdfast.replicator;

import dev.holdfast.wal.WalIndexHeader;
import dev.holdfast.wal.WalIndexStep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A capture that reads nothing and keeps its pin where it is, unless told otherwise: says what was
/// asked of it, and lands when it is told to.
final class TestHands implements CopyBack.Hands {
    private final LiveDatabase live;
    private final List<String> asked = new ArrayList<>();
    private Runnable hook = () -> {};
    private int landsAt = Integer.MAX_VALUE;
    private int blindFrom = Integer.MAX_VALUE;
    private int handOvers;
    private boolean isGuarding;
    private boolean isMoving;

    TestHands(LiveDatabase live) {
        this.live = live;
    }

    /// @param handOver after which, counted from 1, it stands on slot 0 until the next
    TestHands landingAt(int handOver) {
        landsAt = handOver;
        return this;
    }

    /// @param handOver from which on no pin can be taken
    TestHands blindFrom(int handOver) {
        blindFrom = handOver;
        return this;
    }

    /// Lets the pin move on at each hand-over.
    TestHands moving() {
        isMoving = true;
        return this;
    }

    /// Lets a guard stand.
    TestHands guarding() {
        isGuarding = true;
        return this;
    }

    /// @param does what happens at each hand-over and cut
    TestHands meanwhile(Runnable does) {
        hook = does;
        return this;
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    int handOvers() {
        return handOvers;
    }

    private void ask(String what) {
        asked.add(what);
        hook.run();
    }

    @Override
    public Optional<WalIndexHeader> handOver() throws IOException, LiveDatabaseException {
        handOvers++;
        ask("hand over");
        if (isMoving && live.take()) {
            live.letGoOlder();
        }
        return handOvers >= blindFrom ? Optional.empty() : oracle();
    }

    private Optional<WalIndexHeader> oracle() throws IOException {
        return live.readIndex() instanceof WalIndexStep.Header(WalIndexHeader found)
                ? Optional.of(found)
                : Optional.empty();
    }

    @Override
    public boolean standGuard() throws IOException, LiveDatabaseException {
        ask("stand guard");
        return isGuarding && live.standGuard();
    }

    @Override
    public Optional<WalIndexHeader> readOnGuard() throws IOException {
        ask("read on guard");
        return oracle();
    }

    @Override
    public void land(WalIndexHeader read) {
        ask("land");
    }

    @Override
    public boolean isOnSlotZero() {
        return handOvers == landsAt;
    }

    @Override
    public void cut() {
        ask("cut");
    }
}
