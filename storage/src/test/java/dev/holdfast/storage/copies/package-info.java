@NullMarked
package dev.holdfast.storage.copies;

import org.jspecify.annotations.NullMarked;
