package dev.holdfast.storage;

import java.net.URI;
import java.nio.file.Path;

/// Paths out of URLs.
public final class UrlPath {
    private UrlPath() {}

    /// The path of a `file:` URL.
    ///
    /// @throws IllegalArgumentException if no file can have it
    public static Path of(URI url) {
        return plain(Path.of(url));
    }

    /// Java takes one slash off the end of a URL's path, and leaves the next, and those written as
    /// `%2F`: such a path is equal to no other of the same file.
    private static Path plain(Path path) {
        Path again = Path.of(path.toUri());
        return again.equals(path) ? path : plain(again);
    }
}
