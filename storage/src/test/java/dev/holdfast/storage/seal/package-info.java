/// Tests of data keys and identities, on bytes alone.
@NullMarked
package dev.holdfast.storage.seal;

import org.jspecify.annotations.NullMarked;
