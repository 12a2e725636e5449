package dev.holdfast.format.failure;

/// What the process says to the shell. Published in `docs/operations.md`; a number is never used
/// for something else.
public enum ExitCode {
    OK(0),
    BUG(1),
    USAGE(2),
    CONFIG(10),
    SOURCE_DATABASE(20),
    LOCAL_FILES(21),
    STORAGE_UNAVAILABLE(30),
    STORAGE_DENIED(31),
    NOT_DURABLE(32),
    CORRUPT_ARCHIVE(40),
    NO_SUCH_POINT(41),
    NO_KEY(42),
    FENCED(50);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
