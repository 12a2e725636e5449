package dev.holdfast.storage.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/// A request to whoever writes a state folder, to make durable now what was committed until now.
/// Lies there as an empty file until it is closed: the writer need not be able to read it.
public final class FlushRequest implements AutoCloseable {
    private final Path folder;
    private final String id;

    private FlushRequest(Path folder, String id) {
        this.folder = folder;
        this.id = id;
    }

    /// Makes a request in a state folder that is there.
    ///
    /// @param id random, so that each request has its own
    public static FlushRequest make(Path folder, long id) {
        FlushRequest request = new FlushRequest(folder, HexFormat.of().toHexDigits(id));
        Path file = request.file(FlushRequests.REQUEST);
        try {
            Files.createFile(file, StateFolder.ownerOnly("rw-------"));
        } catch (IOException e) {
            throw StateFolder.localFiles("write", file, e);
        }
        return request;
    }

    /// Empty until it is done.
    public Optional<FlushAnswer> answer() {
        Path file = file(FlushRequests.ANSWER);
        try {
            // Renamed into place whole, and of three numbers
            return Files.size(file) <= FlushRequests.MAX_ANSWER_BYTES
                    ? FlushAnswer.parse(Files.readString(file))
                    : Optional.empty();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw StateFolder.localFiles("read", file, e);
        }
    }

    /// What it waits for, as it was told last; empty if it was not told yet.
    public Optional<FlushLag> lag() {
        Path file = file(FlushRequests.LAG);
        try {
            return Files.size(file) <= FlushRequests.MAX_LAG_BYTES
                    ? FlushLag.parse(Files.readString(file))
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty(); // who asks has waited in vain, and is told so in any case
        }
    }

    private Path file(String beginning) {
        return folder.resolve(beginning + id);
    }

    /// Takes it back, done or not.
    @Override
    public void close() {
        for (String beginning : FlushRequests.BEGINNINGS) {
            try {
                Files.deleteIfExists(file(beginning));
            } catch (IOException _) {
                // The writer removes it, later
            }
        }
    }
}
