package dev.holdfast.cli.config;

import dev.holdfast.format.failure.SidecarException.BadConfigFile;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Makes nodes of YAML 1.2, with where each begins. Anchors, aliases and tags are refused, as is
/// more than one document: nothing in the file means something that does not stand there.
///
/// It reads the library's events and not its tree: those take no more memory than the file, and
/// texts stay as they were written.
final class YamlParser {
    /// A good file needs five.
    private static final int MAX_DEPTH = 20;

    private static final String WRITE_OUT = "Write it out where it is meant.";

    private final Problems problems;
    private final Iterator<Event> events;

    /// Where the last event began.
    private LineColumn last = LineColumn.BEGINNING;

    private YamlParser(String text, Problems problems) {
        this.problems = problems;
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /// The file's only document; empty if there is none. Throws for what is not YAML, with the one
    /// problem after which nothing can be read.
    ///
    /// @param problems gets all others
    static Optional<YamlNode> parse(String text, Problems problems) {
        String content = text.startsWith("\ufeff") ? text.substring(1) : text;
        refuseUnprintable(content, problems);
        YamlParser parser = new YamlParser(content, problems);
        try {
            return parser.document();
        } catch (MarkedYamlEngineException e) {
            LineColumn at = e.getProblemMark().map(YamlParser::place).orElse(LineColumn.BEGINNING);
            throw notYaml(at, String.valueOf(e.getProblem()), problems);
        } catch (YamlEngineException e) {
            throw notYaml(parser.last, String.valueOf(e.getMessage()), problems);
        } catch (IllegalArgumentException _) {
            // The library's answer to an escape without its digits, or of no character
            throw notYaml(
                    parser.last, "found an escape that is none, here or further on", problems);
        }
    }

    private static void refuseUnprintable(String text, Problems problems) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            if (!StreamReader.isPrintable(character)) {
                throw notYaml(
                        new LineColumn(line, column),
                        "found the character U+%04X".formatted(character),
                        problems);
            }
            line += character == '\n' ? 1 : 0;
            column = character == '\n' ? 1 : column + 1;
            i += Character.charCount(character);
        }
    }

    private static BadConfigFile notYaml(LineColumn at, String problem, Problems problems) {
        problems.add(
                at,
                "not YAML: " + problem,
                "Correct the line, or the one before: indent by spaces, write a space after each"
                        + " colon, and quote what has special characters.");
        return problems.toException();
    }

    private Optional<YamlNode> document() {
        Optional<YamlNode> root = Optional.empty();
        while (events.hasNext()) {
            Event event = next();
            switch (event.getEventId()) {
                case Alias, Scalar, SequenceStart, MappingStart -> {
                    if (root.isPresent()) {
                        problems.add(
                                place(event),
                                "found a second document",
                                "Leave it out: a file has one.");
                        return root;
                    }
                    root = Optional.of(node(event, 1));
                }
                case StreamStart,
                        StreamEnd,
                        DocumentStart,
                        DocumentEnd,
                        SequenceEnd,
                        MappingEnd,
                        Comment -> {}
            }
        }
        return root;
    }

    private Event next() {
        Event event = events.next();
        last = place(event);
        return event;
    }

    private YamlNode node(Event event, int depth) {
        if (event instanceof NodeEvent node && !(event instanceof AliasEvent)) {
            node.getAnchor()
                    .ifPresent(name ->
                            problems.add(
                                    place(event),
                                    "found the anchor &" + name + ", which means nothing here",
                                    "Leave it out."));
        }
        return switch (event) {
            case ScalarEvent scalar -> {
                refuseTag(scalar, scalar.getTag());
                yield new YamlNode.Text(place(event), scalar.getValue());
            }
            case CollectionStartEvent start -> {
                refuseTag(start, start.getTag());
                if (depth > MAX_DEPTH) {
                    throw tooDeep(place(event));
                }
                yield event.getEventId() == Event.ID.SequenceStart
                        ? new YamlNode.Items(place(event), items(depth))
                        : new YamlNode.Entries(place(event), entries(depth));
            }
            default -> {
                problems.add(place(event), "found an alias, which means nothing here", WRITE_OUT);
                yield new YamlNode.Unusable(place(event));
            }
        };
    }

    private void refuseTag(Event event, Optional<String> tag) {
        tag.ifPresent(name ->
                problems.add(
                        place(event),
                        "found the tag %s, which means nothing here"
                                .formatted(Problems.quoted(name)),
                        "Leave it out."));
    }

    private List<YamlNode> items(int depth) {
        List<YamlNode> items = new ArrayList<>();
        for (Event event = next(); !isEnd(event); event = next()) {
            items.add(node(event, depth + 1));
        }
        return items;
    }

    private List<YamlNode.Entry> entries(int depth) {
        List<YamlNode.Entry> entries = new ArrayList<>();
        for (Event event = next(); !isEnd(event); event = next()) {
            YamlNode key = node(event, depth + 1);
            YamlNode value = node(next(), depth + 1);
            switch (key) {
                case YamlNode.Text text -> entries.add(new YamlNode.Entry(text, value));
                case YamlNode.Items _, YamlNode.Entries _ ->
                        problems.add(
                                key.at(),
                                "found a list or a map as a key",
                                "Write a name before the colon; quote what begins with { or [.");
                case YamlNode.Unusable _ -> {}
            }
        }
        return entries;
    }

    /// The rest is not read: the library takes the square of the depth to do so.
    private BadConfigFile tooDeep(LineColumn at) {
        problems.add(
                at,
                "found more than %d lists and maps within one another".formatted(MAX_DEPTH),
                "Write it flatter.");
        return problems.toException();
    }

    private static boolean isEnd(Event event) {
        return event.getEventId() == Event.ID.SequenceEnd
                || event.getEventId() == Event.ID.MappingEnd;
    }

    private static LineColumn place(Event event) {
        return event.getStartMark().map(YamlParser::place).orElse(LineColumn.BEGINNING);
    }

    private static LineColumn place(Mark mark) {
        return new LineColumn(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
