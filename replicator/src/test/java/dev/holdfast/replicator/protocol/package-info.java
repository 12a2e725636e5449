/// A model of handing over, small enough to try every interleaving: a writer, a checkpointer of the
/// application, and Holdfast, step by step on SQLite's wal-index and locks. It shares no code with
/// the product, and must not: it says what the protocol is, in the order of the product's steps.
/// Start with [HandOverTest], then [State]; [Flaw] lists the ways to break the protocol.
@NullMarked
package dev.holdfast.replicator.protocol;

import org.jspecify.annotations.NullMarked;
