package dev.holdfast.storage.bucket;

/// What a server says, made fit for a terminal and a log: whatever answers may put anything into
/// it.
public final class ServerWords {
    private static final int MAX_LENGTH = 300;

    private ServerWords() {}

    /// In one line, without control characters, and not too long.
    public static String oneLine(String text) {
        String line = text.replaceAll("[\\s\\p{Cc}]+", " ").strip();
        return line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + " …" : line;
    }

    /// Of a failure that may repeat what a server said.
    public static String of(Throwable failure) {
        return oneLine(String.valueOf(failure.getMessage()));
    }
}
