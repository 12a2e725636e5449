package dev.holdfast.replicator.protocol;

import java.util.Optional;

/// What an exploration came to.
///
/// @param states that were reached
/// @param counterexample empty if all invariants held in all of them
record Exploration(int states, Optional<Trace> counterexample) {}
