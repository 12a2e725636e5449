package dev.holdfast.tests.harness;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A JSON object that a program printed. Strict: what RFC 8259 does not allow is an error of the
/// test.
public final class Json {
    private final Map<String, @Nullable Object> members;

    private Json(Map<String, @Nullable Object> members) {
        this.members = members;
    }

    /// Parses a text that is one object.
    public static Json parse(String text) {
        Parser parser = new Parser(text);
        Object value = parser.value();
        parser.end();
        if (value instanceof Json json) {
            return json;
        }
        throw new AssertionError("not a JSON object: " + text);
    }

    /// Is there such a member, `null` included?
    public boolean has(String name) {
        return members.containsKey(name);
    }

    public boolean isNull(String name) {
        return has(name) && members.get(name) == null;
    }

    public String text(String name) {
        return member(name, String.class);
    }

    public long number(String name) {
        return Long.parseLong(member(name, Numeral.class).text());
    }

    public double decimal(String name) {
        return Double.parseDouble(member(name, Numeral.class).text());
    }

    public boolean flag(String name) {
        return member(name, Boolean.class);
    }

    public Json object(String name) {
        return member(name, Json.class);
    }

    public List<Json> objects(String name) {
        List<?> elements = member(name, List.class);
        return elements.stream().map(Json.class::cast).toList();
    }

    public List<String> texts(String name) {
        List<?> elements = member(name, List.class);
        return elements.stream().map(String.class::cast).toList();
    }

    @Override
    public String toString() {
        return members.entrySet().stream()
                .map(member -> member.getKey() + "=" + member.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private <T> T member(String name, Class<T> type) {
        Object value = members.get(name);
        if (!type.isInstance(value)) {
            throw new AssertionError("no " + type.getSimpleName() + " " + name + " in " + this);
        }
        return type.cast(value);
    }

    /// A number as it was written.
    private record Numeral(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        @Nullable Object value() {
            space();
            return switch (peek()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
        }

        void end() {
            space();
            if (at != text.length()) {
                throw wrong("end");
            }
        }

        private Json object() {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            at++;
            space();
            if (peek() == '}') {
                at++;
                return new Json(members);
            }
            do {
                space();
                String name = string();
                space();
                expect(':');
                if (members.containsKey(name)) {
                    throw wrong("one member " + name);
                }
                members.put(name, value());
                space();
            } while (hasMore('}'));
            return new Json(members);
        }

        private List<@Nullable Object> array() {
            List<@Nullable Object> elements = new ArrayList<>();
            at++;
            space();
            if (peek() == ']') {
                at++;
                return elements;
            }
            do {
                elements.add(value());
                space();
            } while (hasMore(']'));
            return elements;
        }

        private boolean hasMore(char end) {
            char next = peek();
            if (next != ',' && next != end) {
                throw wrong("',' or '" + end + "'");
            }
            at++;
            return next == ',';
        }

        private String string() {
            expect('"');
            StringBuilder value = new StringBuilder();
            for (char c = take(); c != '"'; c = take()) {
                if (c < 0x20) {
                    throw wrong("no bare control character");
                }
                value.append(c == '\\' ? escape() : c);
            }
            return value.toString();
        }

        private char escape() {
            char c = take();
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    at += 4;
                    yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
                }
                default -> throw wrong("an escape");
            };
        }

        private Numeral number() {
            int start = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String numeral = text.substring(start, at);
            if (!numeral.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
                throw wrong("a value");
            }
            return new Numeral(numeral);
        }

        private @Nullable Object word(String word, @Nullable Object value) {
            if (!text.startsWith(word, at)) {
                throw wrong(word);
            }
            at += word.length();
            return value;
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            if (at >= text.length()) {
                throw wrong("more");
            }
            return text.charAt(at);
        }

        private char take() {
            char c = peek();
            at++;
            return c;
        }

        private void expect(char c) {
            if (take() != c) {
                throw wrong("'" + c + "'");
            }
        }

        private AssertionError wrong(String wanted) {
            return new AssertionError("character " + at + ": wanted " + wanted + " in " + text);
        }
    }
}
