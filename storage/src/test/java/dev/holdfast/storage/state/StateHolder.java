package dev.holdfast.storage.state;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.format.failure.SidecarException;

import java.io.FileDescriptor;
import java.io.FileWriter;
import java.io.IOException;
import java.nio.file.Path;

/// A process that opens the state folder of its first argument, says whether it could, and keeps it
/// until its input ends.
final class StateHolder {
    static final String OPEN = "open";
    static final String REFUSED = "refused";

    private StateHolder() {}

    public static void main(String[] args) throws IOException {
        try (FileWriter answers = new FileWriter(FileDescriptor.out)) {
            try (StateFolder state = StateFolder.open(Path.of(args[0]))) {
                answers.append(OPEN + " " + state.path() + "\n").flush();
                while (System.in.read() >= 0) {
                    // until it ends
                }
            } catch (SidecarException.Fenced _) {
                answers.append(REFUSED + "\n").flush();
            }
        }
    }

    /// Starts one, in another JVM.
    static Process start(Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StateHolder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// The first word of its answer.
    static String answer(Process process) throws IOException {
        return process.inputReader(US_ASCII).readLine().split(" ", 2)[0];
    }
}
