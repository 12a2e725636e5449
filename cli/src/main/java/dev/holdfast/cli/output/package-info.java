/// What the command prints: JSON lines for programs, sizes and times for people, a line of progress
/// for a terminal.
///
/// Nothing here knows what an archive is; a command says what is to be printed. Start at
/// [JsonObject] and [Amounts].
@NullMarked
package dev.holdfast.cli.output;

import org.jspecify.annotations.NullMarked;
