package dev.holdfast.cli.config;

import dev.holdfast.format.failure.NearestName;
import dev.holdfast.format.failure.SidecarException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A map of the file whose keys are known: any other key is a problem, and so is one that comes
/// twice.
final class Section {
    /// Names that somebody may expect, and what to do without them.
    private static final Map<String, String> NOT_HERE =
            Map.of(
                    "encryption",
                    "Write recipients: and public keys (age1…), or key-file: and a file of"
                            + " identities, as keys of a database.",
                    "keys",
                    "Write recipients: and public keys (age1…), or key-file: and a file of"
                            + " identities, as keys of a database.",
                    "take-over",
                    "Leave it out: it is for one start, by hand (holdfast replicate --take-over).",
                    "secret-access-key",
                    "Leave it out: no secret stands in this file; name one that has it by"
                            + " credentials.",
                    "access-key-id",
                    "Leave it out: no secret stands in this file; name one that has it by"
                            + " credentials.");

    private final LineColumn at;
    private final Map<String, YamlNode> values = new LinkedHashMap<>();
    private final Map<String, LineColumn> keys = new LinkedHashMap<>();
    private final Variables variables;
    private final Problems problems;

    private Section(LineColumn at, Variables variables, Problems problems) {
        this.at = at;
        this.variables = variables;
        this.problems = problems;
    }

    /// Empty if the node is no map; then that is a problem, and told.
    ///
    /// @param what it is, as in "a database"
    /// @param known its keys
    static Optional<Section> of(
            YamlNode node,
            String what,
            List<String> known,
            Variables variables,
            Problems problems) {
        return switch (node) {
            case YamlNode.Entries map -> {
                Section section = new Section(map.at(), variables, problems);
                map.entries().forEach(entry -> section.add(entry, what, known));
                yield Optional.of(section);
            }
            case YamlNode.Text _, YamlNode.Items _ -> {
                problems.add(
                        node.at(),
                        "%s: found %s, wanted a map".formatted(what, describe(node)),
                        "Write its keys there: %s.".formatted(String.join(", ", known)));
                yield Optional.empty();
            }
            case YamlNode.Unusable _ -> Optional.empty();
        };
    }

    private void add(YamlNode.Entry entry, String what, List<String> known) {
        String key = entry.key().value();
        LineColumn before = keys.putIfAbsent(key, entry.key().at());
        if (before != null) {
            problems.add(
                    entry.key().at(),
                    "found the key %s again, which stands in line %d already"
                            .formatted(Problems.quoted(key), before.line()),
                    "Leave one of them out.");
        } else if (known.contains(key)) {
            values.put(key, entry.value());
        } else {
            problems.add(
                    entry.key().at(),
                    "found the key %s, which is none of %s".formatted(Problems.quoted(key), what),
                    remedy(key, known));
        }
    }

    private static String remedy(String key, List<String> known) {
        String notHere = NOT_HERE.get(key);
        if (notHere != null) {
            return notHere;
        }
        String all = "There are " + String.join(", ", known) + ".";
        return NearestName.of(key, known)
                .map(near -> "Did you mean " + near + "? " + all)
                .orElse(all);
    }

    /// Where the map begins.
    LineColumn at() {
        return at;
    }

    boolean has(String key) {
        return keys.containsKey(key);
    }

    Optional<YamlNode> node(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /// A value, if there is one that can be read. What is wrong with it is told.
    ///
    /// @param form reads the text, and throws for what it can't read
    <T> Optional<Setting<T>> setting(String key, Function<String, T> form) {
        return node(key).flatMap(node -> setting(node, key, form));
    }

    /// As [#setting(String, Function)], of a node that stands by itself.
    ///
    /// @param of what the value is of
    <T> Optional<Setting<T>> setting(YamlNode node, String of, Function<String, T> form) {
        return switch (node) {
            case YamlNode.Text text ->
                    variables.expand(text).flatMap(value -> read(text, value, of, form));
            case YamlNode.Items _, YamlNode.Entries _ -> {
                problems.add(
                        node.at(),
                        "%s: found %s, wanted one value".formatted(of, describe(node)),
                        "Write the value behind the colon.");
                yield Optional.empty();
            }
            case YamlNode.Unusable _ -> Optional.empty();
        };
    }

    private <T> Optional<Setting<T>> read(
            YamlNode.Text text, String value, String of, Function<String, T> form) {
        if (text.value().isEmpty()) {
            problems.add(text.at(), of + ": found nothing", "Write a value, or leave the key out.");
            return Optional.empty();
        }
        try {
            return Optional.of(new Setting<>(form.apply(value), value, Optional.of(text.at())));
        } catch (SidecarException refusal) {
            problems.add(text.at(), of, refusal);
            return Optional.empty();
        }
    }

    /// The nodes of a list, or the one that stands in its place.
    List<YamlNode> nodes(String key) {
        return switch (values.get(key)) {
            case null -> List.of();
            case YamlNode.Items items -> {
                if (items.nodes().isEmpty()) {
                    problems.add(
                            items.at(), key + ": found an empty list", "Write one entry at least.");
                }
                yield items.nodes();
            }
            case YamlNode one -> List.of(one);
        };
    }

    /// The maps of a list, each of which is a section.
    List<Section> sections(String key, String what, List<String> known) {
        List<Section> sections = new ArrayList<>();
        for (YamlNode node : nodes(key)) {
            of(node, what, known, variables, problems).ifPresent(sections::add);
        }
        return sections;
    }

    static String describe(YamlNode node) {
        return switch (node) {
            case YamlNode.Text(LineColumn _, String value) ->
                    value.isEmpty() ? "nothing" : Problems.quoted(value);
            case YamlNode.Items _ -> "a list";
            case YamlNode.Entries _ -> "a map";
            case YamlNode.Unusable _ -> "something else";
        };
    }
}
