/// Tests of the layouts: bytes written by hand from `docs/format.md`, and what must be refused.
///
/// Other modules' tests share [FuzzInputs] (the test-jar).
@NullMarked
package dev.holdfast.format;

import org.jspecify.annotations.NullMarked;
