/// Checks every object of an archive, and says what is wrong with which.
///
/// Never stops at the first violation and never confuses "violated" with "could not look". Needs no
/// database file: states are checked by page hashes alone. Start with [Verifier].
@NullMarked
package dev.holdfast.restore.verify;

import org.jspecify.annotations.NullMarked;
