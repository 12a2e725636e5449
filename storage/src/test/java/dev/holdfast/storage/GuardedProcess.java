package dev.holdfast.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A server for tests, in an environment that holds nothing of the build machine's.
///
/// It ends with this JVM, however that ends: a shell between the two waits for the end of its
/// input, which only this JVM holds open.
public final class GuardedProcess implements AutoCloseable {
    /// Arguments: the folder to remove at the end, or nothing; the command.
    private static final String GUARD =
            """
            trap '' INT TERM HUP
            folder=$1
            shift
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            echo $server
            { read -r _ <&3; kill -9 $server; } 2>/dev/null &
            guard=$!
            wait $server
            kill -9 $guard 2>/dev/null
            [[ -z $folder ]] || rm -rf "$folder"
            """;

    private final Process shell;
    private final long pid;

    private GuardedProcess(Process shell, long pid) {
        this.shell = shell;
        this.pid = pid;
    }

    /// Starts it.
    ///
    /// @param log its standard error
    /// @param removed a folder that goes with it
    public static GuardedProcess start(
            List<String> command, Map<String, String> environment, Path log, Optional<Path> removed)
            throws IOException {
        String folder = removed.map(Path::toString).orElse("");
        List<String> guarded = new ArrayList<>(List.of("bash", "-c", GUARD, "guard", folder));
        guarded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(guarded);
        builder.redirectError(log.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().putAll(environment);
        Process shell = builder.start();
        return new GuardedProcess(shell, Long.parseLong(shell.inputReader().readLine()));
    }

    /// A port that nobody listens on, for now.
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Whether it has ended, or does so in the next moment.
    public boolean hasEnded() throws InterruptedException {
        return shell.waitFor(20, TimeUnit.MILLISECONDS);
    }

    /// The server's own process, to be stopped and continued.
    public long pid() {
        return pid;
    }

    /// SIGKILL; returns when it is gone.
    @Override
    public void close() {
        try {
            shell.outputWriter().close();
            int _ = shell.waitFor();
        } catch (IOException e) {
            throw new AssertionError("the guard of a server has lost its input", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while a server was ended", e);
        }
    }
}
