package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.state.KeyRotation;
import dev.holdfast.storage.state.StateFolder;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;

/// Makes and changes keys. No secret is ever printed.
@Command(name = "key", description = "Keys of encrypted archives: generate, add, or rotate.")
public final class KeyCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it, and shows the help
    private boolean isHelp;

    @Spec private CommandSpec spec;

    private KeyCommand() {}

    /// The command with its three.
    public static CommandLine of(Surroundings surroundings) {
        return new CommandLine(new KeyCommand())
                .addSubcommand(new Generate(surroundings))
                .addSubcommand(new KeyAddCommand(surroundings))
                .addSubcommand(new Rotate(surroundings));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "found no command, wanted generate, add or rotate");
    }

    /// Makes an identity.
    @Command(
            name = "generate",
            description = {
                "Makes an identity and prints its public key, the recipient.",
                "The file is as age-keygen makes it. Whoever has it reads what is encrypted for"
                        + " that recipient; without it nobody does."
            })
    public static final class Generate implements Runnable {
        private final Surroundings surroundings;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description =
                        "The file to make; it must not exist. Default: holdfast.key in the working"
                                + " directory.")
        private Path out = Path.of("holdfast.key");

        @Mixin private SharedOptions shared = new SharedOptions();

        Generate(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            Identity identity = Identity.generate();
            KeyFile.create(out, identity, surroundings.clock().instant());
            String recipient = identity.recipient().toString();
            String file = out.toAbsolutePath().toString();
            surroundings
                    .out()
                    .println(
                            shared.isJson()
                                    ? new JsonObject().put("recipient", recipient).put("file", file)
                                    : recipient);
        }
    }

    /// Has a running follower draw another data key.
    @Command(
            name = "rotate",
            description =
                    "Has the running replicate draw another data key for what it writes from now"
                            + " on. Each start draws one anyway. What was written before is read as"
                            + " it was.")
    public static final class Rotate implements Runnable {
        private final Surroundings surroundings;

        @Parameters(paramLabel = "DB", description = "The database that replicate follows.")
        private Path database = Path.of("");

        @Option(
                names = "--state",
                paramLabel = "FOLDER",
                description = "The state folder of DB, if replicate was given one.")
        private @Nullable Path state;

        @Mixin private SharedOptions shared = new SharedOptions();

        Rotate(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            LocalState local = LocalState.of(database, state, ", or start replicate.");
            if (!local.isOf(database)) {
                throw new SidecarException.LocalFiles(
                        "the state folder %s is of another database: found %s, wanted %s"
                                .formatted(local.folder(), local.identity().database(), database),
                        "Give --state as the replicate that follows "
                                + database
                                + " was given"
                                + " it.");
            }
            boolean isRunning = StateFolder.isInUse(local.folder());
            if (isRunning) {
                KeyRotation.ask(local.folder());
            }
            String told =
                    isRunning
                            ? "asked: if it encrypts, replicate uses another data key for what it"
                                    + " writes from now on"
                            : "no replicate is running: its next start draws another data key"
                                    + " anyway";
            surroundings
                    .out()
                    .println(shared.isJson() ? new JsonObject().put("asked", isRunning) : told);
        }
    }
}
