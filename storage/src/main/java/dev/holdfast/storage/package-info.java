/// The object store behind an archive: conditional creates, ranged reads, listings.
///
/// The only package that talks to a store and the only one that retries. It knows nothing of
/// SQLite, and a missing capability fails at the start instead of degrading.
@NullMarked
package dev.holdfast.storage;

import org.jspecify.annotations.NullMarked;
