package dev.holdfast.cli.command;

import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.SidecarException;

/// A command whose exit code is its result: output that could not be written does not change it.
public interface OwnExitCodes {
    /// What the process says to the shell after this failure, be it an operator's or a bug.
    default int exitOf(Throwable failure) {
        return usual(failure);
    }

    /// What it says after a failure of most commands.
    static int usual(Throwable failure) {
        return failure instanceof SidecarException known
                ? known.exitCode().number()
                : ExitCode.BUG.number();
    }
}
