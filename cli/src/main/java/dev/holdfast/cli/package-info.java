/// The command `holdfast`: its commands, their options, and the wiring by constructor.
///
/// Only this package prints and only this package exits. What a command does belongs to the module
/// below it. Start at `Main`.
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
