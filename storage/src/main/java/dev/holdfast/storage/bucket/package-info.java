/// What buckets of every kind need, whoever keeps them: requests that are watched while they are
/// under way, ranged reads, the options of a location, files that it names, failures of a
/// connection, listings in order.
///
/// Knows no library of any store. Start with [dev.holdfast.storage.bucket.WatchedRequests].
@NullMarked
package dev.holdfast.storage.bucket;

import org.jspecify.annotations.NullMarked;
