package dev.holdfast.replicator.protocol;

/// Takes what can happen next in a state.
interface Moves {
    /// What kind of event a move is: progress must not depend on faults, nor on anybody's patience
    /// running out.
    enum Kind {
        STEP,
        TIMEOUT,
        FAULT
    }

    void add(Kind kind, String what, State next);

    default void step(String what, State next) {
        add(Kind.STEP, what, next);
    }
}
