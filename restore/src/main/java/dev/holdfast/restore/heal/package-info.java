/// Repairing one copy of an archive from another: what is missing is created, nothing is replaced.
/// Start with [CopyHealer].
@NullMarked
package dev.holdfast.restore.heal;

import org.jspecify.annotations.NullMarked;
