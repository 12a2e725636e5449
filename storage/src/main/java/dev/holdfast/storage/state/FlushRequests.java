package dev.holdfast.storage.state;

import dev.holdfast.storage.FileActions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The requests of other processes that lie in a state folder ([FlushRequest]), for who writes
/// there.
///
/// ```
/// flush-<id>      a request; empty
/// flushwait-<id>  what it waits for, lines of text, written anew as that changes
/// flushed-<id>    its answer, one line of text
/// ```
///
/// Nothing of it is forced: who asked is gone after a loss of power.
public final class FlushRequests {
    static final String REQUEST = "flush-";
    static final String ANSWER = "flushed-";
    static final String ANSWER_NEW = "flushing-";
    static final String LAG = "flushwait-";
    static final List<String> BEGINNINGS = List.of(REQUEST, LAG, ANSWER_NEW, ANSWER);

    static final int MAX_ANSWER_BYTES = 100;

    /// More than the locations of as many destinations as there can be.
    static final int MAX_LAG_BYTES = 256 << 10;

    private static final Pattern NAME = Pattern.compile("flush(?:ed|ing|wait)?-[0-9a-f]{16}");

    /// Nobody waits so long for an answer that is there.
    private static final Duration KEPT = Duration.ofHours(1);

    private final Path folder;
    private final FileActions files;

    FlushRequests(Path folder, FileActions files) {
        this.folder = folder;
        this.files = files;
    }

    /// Those that are not done.
    public Set<String> open() {
        Set<String> ids = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, REQUEST + "*")) {
            for (Path file : found) {
                String name = file.getFileName().toString();
                if (NAME.matcher(name).matches()) {
                    ids.add(name.substring(REQUEST.length()));
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // Whoever writes there next will find out
        }
        return ids;
    }

    /// One of them is done.
    public void answer(String id, FlushAnswer answer) {
        write(id, ANSWER, answer.toLine());
        try {
            Files.deleteIfExists(folder.resolve(REQUEST + id));
        } catch (IOException e) {
            throw StateFolder.localFiles("write", folder.resolve(REQUEST + id), e);
        }
    }

    /// One of them waits.
    public void tell(String id, FlushLag lag) {
        write(id, LAG, lag.toLines());
    }

    /// Appears whole.
    private void write(String id, String beginning, String text) {
        Path whole = folder.resolve(beginning + id);
        Path beside = folder.resolve(ANSWER_NEW + id);
        try {
            Files.deleteIfExists(beside);
            try (FileChannel channel = files.createFile(beside)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            files.replace(beside, whole);
        } catch (IOException e) {
            throw StateFolder.localFiles("write", whole, e);
        }
    }

    /// Removes what was left by processes that were killed while they asked.
    public void removeOld(Instant now) {
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder, "flush{ed,ing,wait}-*")) {
            for (Path file : found) {
                if (NAME.matcher(file.getFileName().toString()).matches()
                        && Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(KEPT))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // Who asked has just taken it back, or the next time will do
        }
    }
}
