package dev.holdfast.cli.output;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One JSON object, its members in the order in which they were put, on one line.
///
/// An absent value is `null` in the text too: a program that reads it finds the same names each
/// time. Times are RFC 3339, UTC, with microseconds; numbers are integers, or finite decimals. What
/// has 64 bits of which all may be set (a checksum) goes in as hexadecimal text.
public final class JsonObject {
    private final StringBuilder text = new StringBuilder("{");
    private final Set<String> names = new HashSet<>();

    public JsonObject put(String name, @Nullable String value) {
        name(name);
        if (value == null) {
            text.append("null");
        } else {
            JsonText.appendQuoted(text, value);
        }
        return this;
    }

    public JsonObject put(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    public JsonObject put(String name, @Nullable Long value) {
        name(name);
        text.append(value);
        return this;
    }

    public JsonObject put(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    public JsonObject put(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ", which JSON can't say");
        }
        name(name);
        text.append(value);
        return this;
    }

    public JsonObject put(String name, @Nullable Instant value) {
        return put(name, value == null ? null : Times.rfc3339(value));
    }

    /// The object as it is now; what is put into it later does not show.
    public JsonObject put(String name, @Nullable JsonObject value) {
        name(name);
        text.append(value);
        return this;
    }

    public JsonObject put(String name, List<JsonObject> values) {
        return putArray(name, values.stream().map(JsonObject::toString).toList());
    }

    public JsonObject putTexts(String name, List<String> values) {
        List<String> quoted = new ArrayList<>();
        for (String value : values) {
            StringBuilder element = new StringBuilder();
            JsonText.appendQuoted(element, value);
            quoted.add(element.toString());
        }
        return putArray(name, quoted);
    }

    /// The JSON text, without a line feed: members hold none, so an object is always one line.
    @Override
    public String toString() {
        return text + "}";
    }

    private JsonObject putArray(String name, List<String> elements) {
        name(name);
        text.append('[').append(String.join(",", elements)).append(']');
        return this;
    }

    private void name(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("there is a member " + name + " already");
        }
        if (names.size() > 1) {
            text.append(',');
        }
        JsonText.appendQuoted(text, name);
        text.append(':');
    }
}
