package dev.holdfast.cli.demo;

import java.time.Duration;
import java.time.Instant;

/// What the demo has shown.
///
/// @param commits by the agent's own log
/// @param durableTx the last transaction in the archive
/// @param median from commit to durable
/// @param nearlyAll the same, at the 99th percentile
/// @param moment before the bad prompt
record DemoResult(
        long commits,
        long durableTx,
        Duration median,
        Duration nearlyAll,
        RestoredDatabase last,
        RestoredDatabase before,
        Instant moment) {}
