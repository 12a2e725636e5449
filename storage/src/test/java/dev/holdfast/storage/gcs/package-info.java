/// Archives in a bucket of Google Cloud Storage: what every store does, asked of a strict server
/// that follows Google's documentation and of fake-gcs-server, and what neither can be brought to
/// say.
@NullMarked
package dev.holdfast.storage.gcs;

import org.jspecify.annotations.NullMarked;
