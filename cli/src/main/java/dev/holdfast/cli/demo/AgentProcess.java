package dev.holdfast.cli.demo;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The agent as a process of its own, so that it can be killed: another Java with the same class
/// path, as a user's machine may have nothing else that writes SQLite.
final class AgentProcess implements AutoCloseable {
    /// System properties by which the launcher says where the native libraries lie.
    private static final List<String> PASSED_ON =
            List.of("org.sqlite.lib.path", "org.sqlite.lib.name");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String END = "end";

    private final Process process;
    private final DemoStop stop;
    private final Writer input;
    private final AgentLog log = new AgentLog();
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread reader;

    private AgentProcess(Process process, DemoStop stop) {
        this.process = process;
        this.stop = stop;
        this.input = process.outputWriter();
        this.reader = Thread.ofVirtual().name("demo-agent-log").start(this::read);
    }

    static AgentProcess start(Path database, DemoStop stop) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED"));
        for (String name : PASSED_ON) {
            String value = System.getProperty(name);
            if (value != null) {
                command.add("-D" + name + "=" + value);
            }
        }
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        DemoAgent.class.getName(),
                        database.toString()));
        try {
            return new AgentProcess(
                    new ProcessBuilder(command).redirectError(Redirect.INHERIT).start(), stop);
        } catch (IOException e) {
            throw new SidecarException.LocalFiles(
                    "can't start the demo's agent, " + command.getFirst() + ": " + IoReason.of(e),
                    "Check that the Java that runs this can start another one.",
                    e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.take(line);
                lines.add(line);
            }
        } catch (IOException _) {
            // It was killed: what was read so far is all there is
        }
        lines.add(END);
    }

    long pid() {
        return process.pid();
    }

    AgentLog log() {
        return log;
    }

    void tell(String what) {
        try {
            input.write(what + "\n");
            input.flush();
        } catch (IOException e) {
            throw new IllegalStateException("the agent is gone: " + e, e);
        }
    }

    /// Waits for the first line of its log that begins so.
    ///
    /// @param meanwhile called again and again
    void await(String beginning, Runnable meanwhile) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            String line = "";
            while (!line.startsWith(beginning)) {
                stop.check();
                meanwhile.run();
                String next = lines.poll(50, TimeUnit.MILLISECONDS);
                line = next == null ? "" : next;
                if (line.equals(END) || System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("the agent did not say " + beginning);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// SIGKILL; returns when the process is gone and its log is read.
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
