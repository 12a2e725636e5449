package dev.holdfast.restore;

import java.io.IOException;

/// Unwinds a restore that was stopped; never leaves this package.
final class RestoreStopped extends IOException {
    private static final long serialVersionUID = 1;
}
