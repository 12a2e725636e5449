/// Tests of what an operator is told.
@NullMarked
package dev.holdfast.format.failure;

import org.jspecify.annotations.NullMarked;
