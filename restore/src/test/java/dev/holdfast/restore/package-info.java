/// Restores of small archives whose every state is known. Start with [RestoreTest].
@NullMarked
package dev.holdfast.restore;

import org.jspecify.annotations.NullMarked;
