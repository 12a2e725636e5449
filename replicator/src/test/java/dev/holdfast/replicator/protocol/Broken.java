package dev.holdfast.replicator.protocol;

/// What must not be.
enum Broken {
    RESET("the WAL is reset before all of it is captured and forced"),
    LOST("what is captured is not the beginning of what was committed: something is missing"),
    INVENTED("something is captured that was not committed"),
    TAKE_OVER("a take-over says that it has landed, and the WAL is not copied back"),
    WAITS("the application's checkpoint waits forever"),
    GROWS("the WAL can never be reset");

    private final String text;

    Broken(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
