package dev.holdfast.cli;

import dev.holdfast.cli.output.JsonObject;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the modules log, one line an event: `event=... key=value ... level=... at=...`, or the same
/// as a JSON object. The same event is told once a minute at most, with how many were left out: a
/// store that is down is tried again and again.
final class LogLines extends Handler {
    private static final long DISTANCE = Duration.ofSeconds(60).toNanos();
    private static final Formatter WORDS =
            new Formatter() {
                @Override
                public String format(LogRecord event) {
                    return formatMessage(event);
                }
            };

    /// A value ends where the next key begins: it may hold spaces and quotes itself.
    private static final Pattern MEMBER = Pattern.compile("(\\w+)=(?:\"(.*?)\"|(.*?))(?= \\w+=|$)");

    private final PrintStream err;
    private final boolean isJson;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<String, Told> told = new ConcurrentHashMap<>();

    /// When an event was told, and how often it has come since.
    private record Told(long at, long omitted) {}

    /// @param nanoTime as [System#nanoTime]
    LogLines(PrintStream err, boolean isJson, LongSupplier nanoTime) {
        this.err = err;
        this.isJson = isJson;
        this.nanoTime = nanoTime;
        setLevel(Level.INFO);
    }

    /// From now on all logs of this process go there.
    static void install(PrintStream err, boolean isJson) {
        LogManager.getLogManager().reset();
        Logger.getLogger("").addHandler(new LogLines(err, isJson, System::nanoTime));
    }

    @Override
    public void publish(LogRecord event) {
        if (isLoggable(event)) {
            publish(event, line(event));
        }
    }

    private void publish(LogRecord event, String line) {
        String name = line.substring(0, (line + ' ').indexOf(' '));
        long now = nanoTime.getAsLong();
        Told before = told.get(name);
        Told after =
                told.compute(
                        name,
                        (_, last) ->
                                last == null || now - last.at() >= DISTANCE
                                        ? new Told(now, 0)
                                        : new Told(last.at(), last.omitted() + 1));
        if (after.omitted() == 0) {
            String omitted =
                    before == null || before.omitted() == 0 ? "" : " omitted=" + before.omitted();
            String whole =
                    line + omitted + " level=" + event.getLevel() + " at=" + event.getInstant();
            err.println(isJson ? json(whole) : whole);
        }
    }

    /// Our own events begin with their name; others' become events.
    private static String line(LogRecord event) {
        String words = WORDS.formatMessage(event);
        Throwable thrown = event.getThrown();
        String whole =
                words.startsWith("event=")
                        ? words
                        : "event=log logger=" + event.getLoggerName() + " text=\"" + words + "\"";
        String withCause = thrown == null ? whole : whole + " error=\"" + thrown + "\"";
        return withCause.replaceAll("\\p{Cntrl}+", " ");
    }

    private static JsonObject json(String line) {
        Map<String, String> members = new LinkedHashMap<>(); // an event may name a key twice
        Matcher member = MEMBER.matcher(line);
        while (member.find()) {
            String quoted = member.group(2);
            members.put(member.group(1), quoted == null ? member.group(3) : quoted);
        }
        JsonObject json = new JsonObject();
        members.forEach(json::put);
        return json;
    }

    @Override
    public void flush() {
        err.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
