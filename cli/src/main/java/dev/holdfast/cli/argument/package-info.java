/// Values of the command line and of the configuration file: moments, durations, sizes, places.
///
/// A value that could mean two things is refused with the ways to write it, never guessed. Start at
/// [TimeArgument].
@NullMarked
package dev.holdfast.cli.argument;

import org.jspecify.annotations.NullMarked;
