/// Acceptance tests: the command as a process, real SQLite writers, kills and faults, and the rules
/// of the house.
///
/// They look from outside, as an operator would; what one class promises is tested beside it.
@NullMarked
package dev.holdfast.tests;

import org.jspecify.annotations.NullMarked;
