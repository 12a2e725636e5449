package dev.holdfast.cli.argument;

import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.gcs.GcsPlace;
import dev.holdfast.storage.s3.S3Place;

import java.io.IOException;
import java.nio.file.Path;

/// Where the folders and archives lie that somebody names, and whether they get in each other's
/// way.
public final class Folders {
    private Folders() {}

    /// Whether a folder is another, or lies in it, by whatever links they are called. Neither need
    /// be there yet.
    public static boolean isWithin(Path folder, Path outer) {
        return real(folder).startsWith(real(outer));
    }

    /// The links in what is there of it are followed.
    public static Path real(Path folder) {
        Path absolute = folder.toAbsolutePath();
        for (Path above = absolute; above != null; above = above.getParent()) {
            try {
                return above.toRealPath().resolve(above.relativize(absolute)).normalize();
            } catch (IOException _) {
                // it is not there: the folder above it may be
            }
        }
        return absolute.normalize();
    }

    /// Whether two archives would be the same place, or one would lie in the other.
    public static boolean overlap(StoreLocation one, StoreLocation other) {
        return realOverlap(real(one), real(other));
    }

    /// The same place, by the path that a folder really has.
    public static StoreLocation real(StoreLocation place) {
        return switch (place) {
            case StoreLocation.Folder(Path root) -> new StoreLocation.Folder(real(root));
            case StoreLocation.Bucket _, StoreLocation.GoogleBucket _ -> place;
        };
    }

    /// As [#overlap], of two that [#real] has made: nothing is asked of the file system.
    public static boolean realOverlap(StoreLocation one, StoreLocation other) {
        return switch (one) {
            case StoreLocation.Folder(Path root) ->
                    other instanceof StoreLocation.Folder(Path otherRoot)
                            && (root.startsWith(otherRoot) || otherRoot.startsWith(root));
            case StoreLocation.Bucket(S3Place place) ->
                    switch (other) {
                        case StoreLocation.Folder _ -> false;
                        case StoreLocation.Bucket(S3Place otherPlace) -> place.overlaps(otherPlace);
                        case StoreLocation.GoogleBucket(GcsPlace otherPlace) ->
                                overlap(otherPlace, place);
                    };
            case StoreLocation.GoogleBucket(GcsPlace place) ->
                    switch (other) {
                        case StoreLocation.Folder _ -> false;
                        case StoreLocation.Bucket(S3Place otherPlace) -> overlap(place, otherPlace);
                        case StoreLocation.GoogleBucket(GcsPlace otherPlace) ->
                                place.overlaps(otherPlace);
                    };
        };
    }

    /// A bucket of Google's can be reached by S3's protocol too.
    private static boolean overlap(GcsPlace one, S3Place other) {
        return other.isAtGoogle() && one.overlapsAtGoogle(other.bucket(), other.prefix());
    }
}
