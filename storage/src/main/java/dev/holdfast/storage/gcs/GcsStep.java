package dev.holdfast.storage.gcs;

import org.jspecify.annotations.Nullable;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How far an upload has come, as the store says it.
sealed interface GcsStep {
    /// The store keeps so many bytes of it, from the first one on, and waits for more.
    record Kept(long bytes) implements GcsStep {
        // Cloud Storage, "Resumable uploads": the answer 308 has the header Range, unless it keeps
        // nothing
        private static final Pattern RANGE = Pattern.compile("bytes=0-(\\d{1,18})");

        static Kept of(@Nullable String range) {
            Matcher parts = RANGE.matcher(String.valueOf(range));
            return new Kept(parts.matches() ? Long.parseLong(parts.group(1)) + 1 : 0);
        }
    }

    /// The object exists.
    record Stored(GcsAcknowledgement object) implements GcsStep {}
}
