/// The command `demo`: the main job on a real database, with an application in another process.
///
/// It uses the modules as the commands do, and nothing that they don't have. Start at [Demo], which
/// tells the story.
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;
