package dev.holdfast.restore.verify;

import dev.holdfast.format.failure.FormatException;

/// Something that is not as `docs/format.md` says.
///
/// @param object name of the object
/// @param offset in it, of the first byte that is wrong, as nearly as it is known
/// @param what found and wanted
public record Finding(String object, long offset, String what) {
    public static Finding of(FormatException e) {
        String message = String.valueOf(e.getMessage());
        String place = e.object() + ", byte " + e.offset() + ": ";
        String what = message.startsWith(place) ? message.substring(place.length()) : message;
        return new Finding(e.object(), e.offset(), what);
    }

    @Override
    public String toString() {
        return object + ", byte " + offset + ": " + what;
    }
}
