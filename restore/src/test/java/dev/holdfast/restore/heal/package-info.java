@NullMarked
package dev.holdfast.restore.heal;

import org.jspecify.annotations.NullMarked;
