/// Makes an encrypted archive readable for one more. Adds objects and changes none. Start with
/// [KeyAdder].
@NullMarked
package dev.holdfast.restore.keys;

import org.jspecify.annotations.NullMarked;
