package dev.holdfast.wal;

import java.io.IOException;

/// Takes the commits of a WAL in their order.
@FunctionalInterface
public interface CommitVisitor {
    /// Takes one commit, which is good until this method returns.
    void visit(WalCommit commit) throws IOException;
}
