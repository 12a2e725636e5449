package dev.holdfast.cli;

import dev.holdfast.format.failure.NearestName;
import dev.holdfast.format.failure.SidecarException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts what the parser of the command line refuses into our words: where, found, wanted, and what
/// to do.
final class UsageError {
    private UsageError() {}

    static SidecarException of(ParameterException refusal) {
        CommandLine command = refusal.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String help = helpHint(command);
        if (refusal.getCause() instanceof SidecarException value) {
            return new SidecarException.BadUsage(
                    name + ", " + label(refusal.getArgSpec()) + ": " + value.getMessage(),
                    value.remedy());
        }
        if (refusal.getArgSpec() != null && refusal.getValue() != null) {
            return new SidecarException.BadUsage(
                    "%s, %s: found \"%s\", wanted %s"
                            .formatted(
                                    name,
                                    label(refusal.getArgSpec()),
                                    refusal.getValue(),
                                    wanted(refusal.getArgSpec().type(), refusal.getValue())),
                    help);
        }
        return switch (refusal) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched, name, help);
            case MissingParameterException missing ->
                    new SidecarException.BadUsage(
                            name
                                    + ": "
                                    + labels(missing.getMissing())
                                    + areMissing(missing.getMissing()),
                            help);
            default ->
                    new SidecarException.BadUsage(
                            name + ": " + plain(String.valueOf(refusal.getMessage())), help);
        };
    }

    private static String wanted(Class<?> type, String found) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(Object::toString)
                    .collect(Collectors.joining(" or "));
        }
        if (!Number.class.isAssignableFrom(type)) {
            return type.getSimpleName();
        }
        // What is counted on a command line begins at 1
        long most = type == Integer.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
        return found.matches("[+-]?\\d+") ? "a whole number from 1 to " + most : "a whole number";
    }

    private static SidecarException unmatched(
            UnmatchedArgumentException refusal, String name, String help) {
        CommandSpec command = refusal.getCommandLine().getCommandSpec();
        String found = refusal.getUnmatched().getFirst();
        String error;
        Set<String> known;
        if (refusal.isUnknownOption()) {
            error = name + ": found " + found + ", which is not an option of it";
            known = command.optionsMap().keySet();
        } else if (command.subcommands().isEmpty()) {
            error = name + ": found \"" + found + "\" after all that it takes";
            known = Set.of();
        } else {
            error = name + ": found \"" + found + "\", wanted a command";
            known = command.subcommands().keySet();
        }
        return new SidecarException.BadUsage(
                error,
                NearestName.of(found.split("=", 2)[0], known)
                        .map(near -> "Did you mean " + near + "? " + help)
                        .orElse(help));
    }

    private static String helpHint(CommandLine command) {
        CommandLine parent = command.getParent();
        if (parent == null) {
            return "Run holdfast help for the commands.";
        }
        return parent.getParent() == null
                ? "Run holdfast help " + command.getCommandName() + " for what it takes."
                : "Run " + command.getCommandSpec().qualifiedName() + " --help for what it takes.";
    }

    private static String areMissing(List<ArgSpec> specs) {
        return specs.size() == 1 || isOneOf(specs) ? " is missing" : " are missing";
    }

    private static boolean isOneOf(List<ArgSpec> specs) {
        return specs.getFirst().group() != null && specs.getFirst().group().exclusive();
    }

    private static String labels(List<ArgSpec> specs) {
        return specs.stream()
                .map(UsageError::label)
                .collect(Collectors.joining(isOneOf(specs) ? " or " : " and "));
    }

    private static String label(@Nullable ArgSpec spec) {
        if (spec instanceof OptionSpec option) {
            String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            return option.longestName() + value;
        }
        return spec == null ? "an argument" : spec.paramLabel();
    }

    private static String plain(String message) {
        return message.startsWith("Error: ") ? message.substring("Error: ".length()) : message;
    }
}
