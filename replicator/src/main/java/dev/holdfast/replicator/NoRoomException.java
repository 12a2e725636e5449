package dev.holdfast.replicator;

import java.io.IOException;

/// There is no room in the spool for what comes: by its limit, or as the application needs what is
/// left of the disk. It comes back by itself.
final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    NoRoomException(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
