package dev.holdfast.cli.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Variables of the environment in values: `${NAME}`, `${NAME:-default}` where it may be unset or
/// empty, and `$$` for a dollar. What a variable holds is taken as it is. There is no dollar in a
/// default, so that each is looked at once.
final class Variables {
    private static final Pattern DOLLAR =
            Pattern.compile(
                    "\\$(?:(?<dollar>\\$)"
                            + "|\\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}$]*+))?\\})?");

    private final Map<String, String> environment;
    private final Problems problems;

    Variables(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /// The text with the variables' values in it; empty if there is a problem, which was told.
    Optional<String> expand(YamlNode.Text text) {
        StringBuilder expanded = new StringBuilder();
        boolean isWhole = true;
        Matcher found = DOLLAR.matcher(text.value());
        while (found.find()) {
            Optional<String> value = value(found, text);
            isWhole &= value.isPresent();
            found.appendReplacement(expanded, "");
            expanded.append(value.orElse(""));
        }
        found.appendTail(expanded);
        return isWhole ? Optional.of(expanded.toString()) : Optional.empty();
    }

    private Optional<String> value(Matcher found, YamlNode.Text text) {
        if (found.group("dollar") != null) {
            return Optional.of("$");
        }
        String name = found.group("name");
        if (name == null) {
            problems.add(
                    text.at(),
                    "found a dollar that begins no variable in " + Problems.quoted(text.value()),
                    "Write ${NAME} or ${NAME:-default} for a variable of the environment, $$ for"
                            + " a dollar.");
            return Optional.empty();
        }
        String value = environment.get(name);
        String otherwise = found.group("default");
        if (otherwise != null) {
            return Optional.of(value == null || value.isEmpty() ? otherwise : value);
        }
        if (value == null) {
            problems.add(
                    text.at(),
                    "the variable " + name + " is not set",
                    "Set it, or write ${" + name + ":-default}.");
        }
        return Optional.ofNullable(value);
    }
}
