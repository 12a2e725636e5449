/// The state folder: damage, crashes, a second process. Start with [StateFolderTest].
@NullMarked
package dev.holdfast.storage.state;

import org.jspecify.annotations.NullMarked;
