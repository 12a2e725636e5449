package dev.holdfast.storage;

import static dev.holdfast.storage.StoreRequests.ascii;
import static dev.holdfast.storage.StoreRequests.body;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;

/// A process that creates, in the folder of its first argument, each object whose name it reads on
/// its input, and says whether it was the one to create it.
final class RacingCreator {
    static final String CONTENT = "theirs";

    private RacingCreator() {}

    public static void main(String[] args) throws IOException {
        try (FileObjectStore store = FileObjectStore.openForWriting(Path.of(args[0]));
                BufferedReader names =
                        new BufferedReader(new InputStreamReader(System.in, US_ASCII));
                FileWriter answers = new FileWriter(FileDescriptor.out)) {
            for (String name = names.readLine(); name != null; name = names.readLine()) {
                boolean isMine =
                        store.create(name, body(ascii(CONTENT))) instanceof CreateOutcome.Created;
                answers.append(isMine + "\n").flush();
            }
        }
    }
}
