/// Applications that own a database, each a process of its own, so that it can be killed.
///
/// They know nothing of Holdfast. What they log is what the tests believe. The other one is
/// `agent_writer.py`; start at [JdbcWriter].
@NullMarked
package dev.holdfast.tests.writer;

import org.jspecify.annotations.NullMarked;
