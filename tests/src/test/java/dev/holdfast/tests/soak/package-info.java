/// The kill harness (`./dev soak`): real writers, a real follower, signals at random moments, and
/// after each round every promise held against what the writers had logged.
///
/// Start reading at [dev.holdfast.tests.soak.Campaign]. Nothing here knows how Holdfast works
/// inside: it starts the command, and restores what the command has archived.
@NullMarked
package dev.holdfast.tests.soak;

import org.jspecify.annotations.NullMarked;
