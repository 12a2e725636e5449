package dev.holdfast.restore;

import java.nio.file.Path;

/// What to restore, and where to.
///
/// @param out the database file that shall appear; must not exist
/// @param ifAbsent whether a file at `out` is a success at which nothing is done
/// @param isDryRun whether to stop once the plan is made
public record RestoreRequest(Target target, Path out, boolean ifAbsent, boolean isDryRun) {
    public static RestoreRequest of(Target target, Path out) {
        return new RestoreRequest(target, out, false, false);
    }
}
