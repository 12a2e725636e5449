/// Measurements, run by `./dev bench`: each figure beside what it is to be compared with, taken in
/// the same run.
///
/// Not tests: nothing here fails for being slow. Start with [dev.holdfast.tests.bench.Bench].
@NullMarked
package dev.holdfast.tests.bench;

import org.jspecify.annotations.NullMarked;
