/// Tests of the replicator: its parts one by one, and following databases that real SQLite writes
/// in other processes. No test opens a database while this process follows it. Start with
/// [FollowedDatabase].
@NullMarked
package dev.holdfast.replicator;

import org.jspecify.annotations.NullMarked;
