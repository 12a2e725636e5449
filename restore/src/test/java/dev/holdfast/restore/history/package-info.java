/// Histories of small archives. Start with [HistoryTest].
@NullMarked
package dev.holdfast.restore.history;

import org.jspecify.annotations.NullMarked;
