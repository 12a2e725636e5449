package dev.holdfast.storage.bucket;

import dev.holdfast.format.failure.NearestName;
import dev.holdfast.format.failure.SidecarException.BadConfig;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The options of a bucket's location, as they stand in the query of its URL:
/// `?option=value&option=value`.
///
/// A value is never repeated in a message, as it may be a secret in the wrong place.
public final class LocationOptions {
    private static final int MAX_PORT = 65_535;

    private final String kind;
    private final Map<String, String> values;
    private final Path from;

    /// @param kind of location, as messages call it: `an s3:`
    /// @param names of all options that it can have
    /// @param values what is given, by [#values]
    /// @param from where a file that is not absolute is meant from
    public LocationOptions(String kind, List<String> names, Map<String, String> values, Path from) {
        this.kind = kind;
        this.values = values;
        this.from = from;
        for (String name : values.keySet()) {
            if (!names.contains(name)) {
                throw new BadConfig(
                        "no option of " + kind + " location is called \"" + name + "\"",
                        NearestName.of(name, names)
                                        .map(near -> "Write " + near + "=…, or leave it out")
                                        .orElse("Leave it out")
                                + "; there are "
                                + names
                                + ".");
            }
        }
    }

    /// Of a URL's query.
    public static Map<String, String> values(String kind, String query) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : decode(kind, name, pair.substring(equals + 1));
            if (values.put(name, value) != null) {
                throw new BadConfig(
                        "the option " + name + " of " + kind + " location is given twice",
                        "Leave one of them out.");
            }
        }
        return values;
    }

    private static String decode(String kind, String name, String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new BadConfig(
                    "the option %s of %s location has a %% that begins no character"
                            .formatted(name, kind),
                    "Write a percent sign as %25.");
        }
    }

    /// The URL with these options, which has none yet.
    public static String url(String bare, Map<String, String> options) {
        String url = bare;
        for (Map.Entry<String, String> option : options.entrySet()) {
            url = withOption(url, option.getKey(), option.getValue());
        }
        return url;
    }

    /// The URL with one option more, which may be wrong: parsing it tells.
    public static String withOption(String url, String name, String value) {
        String separator = url.contains("?") ? url.endsWith("?") ? "" : "&" : "?";
        return url + separator + name + "=" + encode(value);
    }

    /// Slashes and colons mean nothing in a query, and are easier to read.
    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/")
                .replace("%3A", ":");
    }

    /// Whether one of two prefixes in a bucket is the other, or lies in it.
    public static boolean overlap(String one, String other) {
        return isWithin(one, other) || isWithin(other, one);
    }

    private static boolean isWithin(String prefix, String outer) {
        return outer.isEmpty() || (prefix + "/").startsWith(outer + "/");
    }

    /// A value that is not empty.
    public Optional<String> value(String name) {
        Optional<String> value = Optional.ofNullable(values.get(name));
        if (value.isPresent() && value.get().isEmpty()) {
            throw new BadConfig(
                    "the option " + name + " of " + kind + " location is empty",
                    "Write " + name + "=…, or leave it out.");
        }
        return value;
    }

    /// A file, absolute.
    public Optional<Path> path(String name) {
        return value(name).map(text -> path(name, text));
    }

    private Path path(String name, String text) {
        try {
            return from.resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException _) {
            throw new BadConfig(
                    "the option " + name + " of " + kind + " location is no path",
                    "Name a file, as in " + name + "=/etc/holdfast/" + name + ".");
        }
    }

    /// Scheme, host and port, without a slash at the end.
    ///
    /// @param example how one is written
    public Optional<URI> server(String name, String example) {
        return value(name).map(text -> server(name, text, example));
    }

    private URI server(String name, String text, String example) {
        try {
            URI uri = new URI(text);
            boolean isHttp = List.of("http", "https").contains(String.valueOf(uri.getScheme()));
            boolean isBare =
                    List.of("", "/").contains(String.valueOf(uri.getPath()))
                            && uri.getQuery() == null
                            && uri.getFragment() == null
                            && uri.getUserInfo() == null
                            && uri.getPort() != 0
                            && uri.getPort() <= MAX_PORT;
            if (isHttp && isBare && uri.getHost() != null) {
                return new URI(uri.getScheme(), uri.getAuthority(), null, null, null);
            }
        } catch (URISyntaxException _) {
            // said below
        }
        throw new BadConfig(
                "the option " + name + " of " + kind + " location is not the URL of a server",
                "Write scheme and host, as in " + name + "=" + example + ".");
    }
}
