/// Tests of what both kinds of buckets need.
@NullMarked
package dev.holdfast.storage.bucket;

import org.jspecify.annotations.NullMarked;
