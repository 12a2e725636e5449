package dev.holdfast.cli;

import dev.holdfast.cli.argument.DurationArgument;
import dev.holdfast.cli.argument.PathArgument;
import dev.holdfast.cli.argument.Spelling;
import dev.holdfast.cli.argument.TimeArgument;
import dev.holdfast.cli.argument.UploadBandwidthArgument;
import dev.holdfast.cli.argument.UploadRateArgument;
import dev.holdfast.cli.command.ConfigCommand;
import dev.holdfast.cli.command.FlushCommand;
import dev.holdfast.cli.command.HealCommand;
import dev.holdfast.cli.command.HistoryCommand;
import dev.holdfast.cli.command.KeyCommand;
import dev.holdfast.cli.command.OwnExitCodes;
import dev.holdfast.cli.command.ReplicateCommand;
import dev.holdfast.cli.command.RestoreCommand;
import dev.holdfast.cli.command.StatusCommand;
import dev.holdfast.cli.command.Surroundings;
import dev.holdfast.cli.command.VerifyCommand;
import dev.holdfast.cli.command.VersionCommand;
import dev.holdfast.cli.demo.DemoCommand;
import dev.holdfast.cli.output.StandardOutput;
import dev.holdfast.cli.output.Terminals;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/// The command `holdfast`: puts the commands together, runs one, and turns what went wrong into an
/// error and an exit code. The codes are in `docs/operations.md`.
@Command(
        name = "holdfast",
        description = "Archives every commit of a live SQLite database, and restores any of them.",
        subcommands = HelpCommand.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    /// What a shell reports of a process that SIGPIPE ended, as it ends other tools in a pipeline.
    private static final int READER_GONE = 128 + 13;

    /// What a shell reports of a process that SIGKILL ended.
    private static final int KILLED = 128 + 9;

    /// The property by which a launcher that waits for the exit code says who it is.
    private static final String LAUNCHER = "holdfast.launcher";

    /// The property by which the launcher asks for another code than 1, which it makes 1 of: that
    /// is what Java itself exits with when it can't start, and must not look like an archive that
    /// is violated.
    private static final String EXIT_FOR_ONE = "holdfast.exit-for-one";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it, and shows the help
    private boolean isHelp;

    @Spec private CommandSpec spec;

    private Main() {}

    /// Runs one command and exits with its code.
    public static void main(String[] args) {
        endWithLauncher();
        StandardOutput standardOutput = new StandardOutput();
        PrintStream out =
                new PrintStream(
                        new BufferedOutputStream(standardOutput), false, StandardCharsets.UTF_8);
        PrintStream err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        Surroundings surroundings =
                new Surroundings(
                        out,
                        err,
                        Terminals.isOutTerminal(),
                        Terminals.isErrTerminal(),
                        Clock.system(ZoneId.systemDefault()),
                        System::nanoTime,
                        new ProcessSignals(),
                        System.getenv());
        LogLines.install(err, isJson(args));
        ErrorReport report = new ErrorReport(out, err, isJson(args));
        CommandLine commandLine = commandLine(surroundings, report);
        int exit = run(args, commandLine, report);
        out.flush();
        IOException lost = standardOutput.failure();
        if (lost != null) {
            Object command = executed(commandLine);
            exit =
                    standardOutput.isReaderGone()
                            ? exitWithoutReader(exit, command)
                            : resultsLost(lost, exit, command, report);
        }
        System.exit(exit == 1 ? Integer.getInteger(EXIT_FOR_ONE, 1) : exit);
    }

    /// A launcher that waits hands signals on, but for SIGKILL, of which nobody tells it. Who
    /// killed it waits for no answer.
    private static void endWithLauncher() {
        Long launcher = Long.getLong(LAUNCHER);
        if (launcher != null) {
            ProcessHandle.of(launcher).ifPresent(Main::endWith);
        }
    }

    private static void endWith(ProcessHandle launcher) {
        CompletableFuture<Void> _ =
                launcher.onExit().thenRun(() -> Runtime.getRuntime().halt(KILLED));
    }

    /// Runs one command and returns its exit code; prints to `surroundings` only.
    static int run(String[] args, Surroundings surroundings) {
        ErrorReport report = new ErrorReport(surroundings.out(), surroundings.err(), isJson(args));
        return run(args, commandLine(surroundings, report), report);
    }

    private static int run(String[] args, CommandLine commandLine, ErrorReport report) {
        try {
            Spelling.check(args);
            return commandLine.execute(args);
        } catch (SidecarException.BadUsage e) {
            return report.print(e, ExitCode.USAGE.number());
        } catch (Error bug) { // picocli hands on exceptions only
            return report.print(bug, exitOf(bug, executed(commandLine)));
        }
    }

    /// All commands, and how they answer what goes wrong.
    private static CommandLine commandLine(Surroundings surroundings, ErrorReport report) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine
                .addSubcommand(new ReplicateCommand(surroundings))
                .addSubcommand(new FlushCommand(surroundings))
                .addSubcommand(new RestoreCommand(surroundings))
                .addSubcommand(new StatusCommand(surroundings))
                .addSubcommand(new HistoryCommand(surroundings))
                .addSubcommand(new VerifyCommand(surroundings))
                .addSubcommand(ConfigCommand.of(surroundings))
                .addSubcommand(new HealCommand(surroundings))
                .addSubcommand(KeyCommand.of(surroundings))
                .addSubcommand(new DemoCommand(surroundings))
                .addSubcommand(new VersionCommand(surroundings));
        commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Path.class, new PathArgument())
                .registerConverter(Duration.class, new DurationArgument())
                .registerConverter(UploadRate.class, new UploadRateArgument())
                .registerConverter(UploadBandwidth.class, new UploadBandwidthArgument())
                .registerConverter(Instant.class, new TimeArgument(surroundings.clock()))
                .setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((refusal, _) ->
                        report.print(UsageError.of(refusal), ExitCode.USAGE.number()))
                .setExecutionExceptionHandler((failure, command, _) ->
                        report.print(failure, exitOf(failure, command.getCommand())));
        return commandLine;
    }

    /// The command that the arguments named; this one if they named none.
    private static Object executed(CommandLine commandLine) {
        ParseResult parsed = commandLine.getParseResult();
        while (parsed != null && parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return parsed == null ? commandLine.getCommand() : parsed.commandSpec().userObject();
    }

    private static int exitOf(Throwable failure, Object command) {
        return command instanceof OwnExitCodes codes
                ? codes.exitOf(failure)
                : OwnExitCodes.usual(failure);
    }

    private static boolean isJson(String[] args) {
        return Arrays.stream(args).takeWhile(arg -> !arg.equals("--")).anyMatch("--json"::equals);
    }

    private static int exitWithoutReader(int exit, Object command) {
        return exit == ExitCode.OK.number() && !(command instanceof OwnExitCodes)
                ? READER_GONE
                : exit;
    }

    /// What the command printed did not arrive, whatever it did.
    private static int resultsLost(
            IOException failure, int exit, Object command, ErrorReport report) {
        if (command instanceof OwnExitCodes codes && !codes.isResultPrinted()) {
            return exit;
        }
        SidecarException lost =
                new SidecarException.LocalFiles(
                        "standard output: not all results could be written: "
                                + IoReason.of(failure),
                        "Free space where the output goes, and run the command again.");
        return report.print(lost, exit == ExitCode.OK.number() ? exitOf(lost, command) : exit);
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "found no command, wanted one of the commands");
    }
}
