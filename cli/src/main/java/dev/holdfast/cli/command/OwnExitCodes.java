package dev.holdfast.cli.command;

/// A command whose failures do not exit with the codes that everything else uses.
public interface OwnExitCodes {
    /// What the process says to the shell after this failure, be it an operator's or a bug.
    int exitOf(Throwable failure);
}
