package dev.holdfast.cli.command;

import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.SidecarException;

/// A command whose exit code is its result.
public interface OwnExitCodes {
    /// What the process says to the shell after this failure, be it an operator's or a bug.
    default int exitOf(Throwable failure) {
        return usual(failure);
    }

    /// Whether what it prints is its result, too, so that it has failed if that was not written.
    boolean isResultPrinted();

    /// What it says after a failure of most commands.
    static int usual(Throwable failure) {
        return failure instanceof SidecarException known
                ? known.exitCode().number()
                : ExitCode.BUG.number();
    }
}
