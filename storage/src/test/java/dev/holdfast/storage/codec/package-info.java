/// Tests of the codecs, on bytes alone.
@NullMarked
package dev.holdfast.storage.codec;

import org.jspecify.annotations.NullMarked;
