package dev.holdfast.cli.demo;

import dev.holdfast.cli.command.SharedOptions;
import dev.holdfast.cli.command.Surroundings;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.failure.ExitCode;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/// Shows the main job on a real database, in a temporary folder.
@Command(
        name = "demo",
        description = {
            "Shows the main job on a real database, in about 20 seconds: follows an agent that runs"
                    + " in another process, kills it, restores its last commit and one before a bad"
                    + " prompt, and compares both with what the agent had committed.",
            "Everything happens in a temporary folder, which is removed."
        })
public final class DemoCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(names = "--keep", description = "Leave the temporary folder, to look around in.")
    private boolean isKept;

    @Mixin private SharedOptions shared = new SharedOptions();

    public DemoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        DemoStop stop = new DemoStop();
        stop.listenTo(surroundings.stopSignals());
        Path folder = makeFolder();
        try (DemoScreen screen = new DemoScreen(surroundings, shared.isJson())) {
            screen.say(
                    "Holdfast's main job, on a real database, in %s%s\n"
                            .formatted(folder, isKept ? "" : " (removed at the end)"));
            DemoResult result = new Demo(folder, surroundings.clock(), screen, stop).run();
            if (shared.isJson()) {
                surroundings.out().println(json(result));
            } else {
                printCommands(folder);
            }
            return ExitCode.OK.number();
        } catch (RuntimeException e) {
            if (!stop.explainsFailure()) {
                throw e;
            }
            surroundings
                    .out()
                    .println(
                            shared.isJson()
                                    ? new JsonObject().put("outcome", "stopped")
                                    : "stopped; what was shown so far is true");
            return stop.exitCode();
        } finally {
            if (!isKept) {
                removeFolder(folder);
            }
        }
    }

    private static JsonObject json(DemoResult result) {
        return new JsonObject()
                .put("commits", result.commits())
                .put("durable_tx", result.durableTx())
                .put("durable_seconds_p50", result.median().toNanos() / 1e9)
                .put("durable_seconds_p99", result.nearlyAll().toNanos() / 1e9)
                .put("moment", result.moment())
                .put("last", json(result.last()))
                .put("before", json(result.before()));
    }

    private static JsonObject json(RestoredDatabase database) {
        return new JsonObject()
                .put("tx", database.tx())
                .put("sha256", database.digest())
                .put("fact", database.fact())
                .put("audit_entries", database.auditEntries());
    }

    private void printCommands(Path folder) {
        String holdfast = Files.isExecutable(Path.of("holdfast")) ? "./holdfast" : "holdfast";
        PrintStream out = surroundings.out();
        out.println();
        out.println("The same with your own database, in WAL mode, and any folder as the archive:");
        out.println();
        out.println("  " + holdfast + " replicate agent.db --to archive");
        out.println("  " + holdfast + " status agent.db");
        out.println("  " + holdfast + " history --from archive");
        out.println("  " + holdfast + " restore --from archive -o back.db --tx 1");
        out.println("  " + holdfast + " verify --from archive");
        if (isKept) {
            out.println();
            out.println("What the demo did lies in " + folder + "; rm -r it when you are done.");
        }
    }

    private static Path makeFolder() {
        try {
            return Files.createTempDirectory("holdfast-demo-");
        } catch (IOException e) {
            throw new SidecarException.LocalFiles(
                    "can't make a temporary folder in "
                            + System.getProperty("java.io.tmpdir")
                            + ": "
                            + IoReason.of(e),
                    "Make room there, or name another folder:"
                            + " HOLDFAST_JAVA_OPTS=-Djava.io.tmpdir=…",
                    e);
        }
    }

    private static void removeFolder(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException _) {
            // It is gone already, or still being written to: what is left lies in a temporary
            // folder
        }
    }
}
