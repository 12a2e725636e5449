/// Storing an archive once more in another place, byte for byte.
///
/// Nothing is copied unproven: each segment and each block is held against its digest on the way,
/// and an object exists only once all of it was. Objects are only created, never replaced.
@NullMarked
package dev.holdfast.storage.copies;

import org.jspecify.annotations.NullMarked;
