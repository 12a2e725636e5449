/// Follows a live database and ships what commits: capture, spool, segments, snapshots, shippers.
///
/// Data flows one way: a shipper that fails never reaches into capture. It never writes to the
/// database that it follows.
@NullMarked
package dev.holdfast.replicator;

import org.jspecify.annotations.NullMarked;
