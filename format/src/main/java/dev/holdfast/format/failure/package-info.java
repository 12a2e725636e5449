/// How things fail: all cases of [FormatException] and [SidecarException], and the exit code of
/// each.
///
/// They sit together in the bottom module because javac lets a sealed type be extended only from
/// its own package. Nothing here logs or decides; start with [SidecarException].
@NullMarked
package dev.holdfast.format.failure;

import org.jspecify.annotations.NullMarked;
