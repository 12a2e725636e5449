/// Archives that are good, and archives with one thing wrong. Start with [VerifierTest].
@NullMarked
package dev.holdfast.restore.verify;

import org.jspecify.annotations.NullMarked;
