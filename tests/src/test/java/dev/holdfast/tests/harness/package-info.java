/// What the acceptance tests stand on: programs as processes in a clean environment, what they
/// print, and databases compared page for page.
///
/// Nothing sleeps: a test waits for a line, for a process or for a deadline. Start at [Program] and
/// [Writer].
@NullMarked
package dev.holdfast.tests.harness;

import org.jspecify.annotations.NullMarked;
