/// The state folder: what one writer keeps on its own machine between two runs.
///
/// Shared by the replicator, which lives from it, and by a restore, which leaves one behind so that
/// a replicator can go on. Losing it costs a rebase, never correctness. No object store is touched
/// here. Start with [StateFolder].
@NullMarked
package dev.holdfast.storage.state;

import org.jspecify.annotations.NullMarked;
