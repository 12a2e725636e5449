/// Archives in a bucket of Google Cloud Storage, or of an emulator.
///
/// The only package that uses Google's libraries, and one that is loaded only where a location
/// begins with `gs:`. It never tries again (that is [dev.holdfast.storage.RetryingObjectStore]'s)
/// and writes nothing without the condition that the name is free. Start with
/// [dev.holdfast.storage.gcs.GcsObjectStore].
@NullMarked
package dev.holdfast.storage.gcs;

import org.jspecify.annotations.NullMarked;
