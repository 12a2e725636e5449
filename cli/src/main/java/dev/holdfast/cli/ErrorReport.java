package dev.holdfast.cli;

import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ReachedJson;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.format.failure.SidecarException.NotDurable;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/// Says on standard error why a command failed: `error:` and `hint:`, or one JSON object. A bug
/// gets its stack trace, an operator's failure does not.
final class ErrorReport {
    private static final String BUG_REMEDY =
            "Report it, with the lines below and what was done before.";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean isJson;

    /// @param out flushed before anything is said: what the command found comes first
    ErrorReport(PrintStream out, PrintStream err, boolean isJson) {
        this.out = out;
        this.err = err;
        this.isJson = isJson;
    }

    /// Prints the failure and returns `exit`.
    ///
    /// @param exit what the process will say; not always the failure's own code
    int print(Throwable failure, int exit) {
        out.flush();
        if (failure instanceof SidecarException.BadConfigFile file) {
            return print(file, exit);
        }
        boolean isOperators = failure instanceof SidecarException;
        String error = isOperators ? String.valueOf(failure.getMessage()) : "a bug: " + failure;
        String hint = failure instanceof SidecarException known ? known.remedy() : BUG_REMEDY;
        String trace = isOperators ? "" : trace(failure);
        if (isJson) {
            JsonObject json =
                    new JsonObject().put("error", error).put("hint", hint).put("exit", exit);
            if (failure instanceof NotDurable late && !late.destinations().isEmpty()) {
                json.put(
                        "destinations", late.destinations().stream().map(ReachedJson::of).toList());
            }
            err.println(isOperators ? json : json.put("trace", trace));
        } else {
            err.println("error: " + printable(error));
            err.println("hint: " + printable(hint));
            err.print(trace);
        }
        err.flush();
        return exit;
    }

    /// All that is wrong with the file, each with its hint; to a program as one object.
    private int print(SidecarException.BadConfigFile file, int exit) {
        if (isJson) {
            err.println(
                    new JsonObject()
                            .put("error", file.getMessage())
                            .put("hint", file.remedy())
                            .put("exit", exit)
                            .put("file", file.file())
                            .put(
                                    "problems",
                                    file.problems().stream().map(ErrorReport::json).toList()));
        } else {
            for (SidecarException.BadConfigFile.Problem problem : file.problems()) {
                err.println("error: " + printable(file.describe(problem)));
                err.println("hint: " + printable(problem.remedy()));
            }
        }
        err.flush();
        return exit;
    }

    private static JsonObject json(SidecarException.BadConfigFile.Problem problem) {
        return new JsonObject()
                .put("line", problem.line())
                .put("column", problem.column())
                .put("error", problem.message())
                .put("hint", problem.remedy());
    }

    private static String trace(Throwable bug) {
        StringWriter trace = new StringWriter();
        bug.printStackTrace(new PrintWriter(trace, true));
        return trace.toString();
    }

    /// A file's name may hold a line feed or a terminal's escape: neither may act here.
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints()
                .map(c -> Character.isISOControl(c) ? '\ufffd' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }
}
