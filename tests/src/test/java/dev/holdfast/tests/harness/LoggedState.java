package dev.holdfast.tests.harness;

import org.jspecify.annotations.Nullable;

/// A state of a database as its writer logged it, right after a commit.
///
/// @param n the commit's number in the ledger; a VACUUM repeats the one before it
/// @param pages database size in pages
/// @param image SHA-256 of all pages as the writer's connection saw them; null if it was not asked
///   to look
public record LoggedState(long n, long pages, @Nullable String image) {}
