/// From an archive to a database file: plan, fetch, apply, and check the result.
///
/// It needs no live database and never reads a WAL. A restore is right or an error; the target is
/// never rounded. Start with [RestorePlanner], which decides what is needed, and [Restorer], which
/// does it.
@NullMarked
package dev.holdfast.restore;

import org.jspecify.annotations.NullMarked;
