/// The commands: each class is one, with its options, what it prints, and the wiring of the modules
/// that do the work.
///
/// A command decides nothing about archives or databases, and lets every failure out: `Main` turns
/// failures into errors and exit codes. Start at [VersionCommand], the smallest.
@NullMarked
package dev.holdfast.cli.command;

import org.jspecify.annotations.NullMarked;
