/// The command `holdfast`: its entry, its errors and exit codes.
///
/// Only this package and those below it print, and only `Main` exits. What a command does belongs
/// to the modules below. Start at `Main`.
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
