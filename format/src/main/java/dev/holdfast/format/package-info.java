/// What an archive is made of: its values, the layouts of its objects, and the failures that all
/// modules share.
///
/// It opens no file, starts no thread, writes no log, and knows neither SQLite's files nor a store.
/// `docs/format.md` is normative; start there.
@NullMarked
package dev.holdfast.format;

import org.jspecify.annotations.NullMarked;
