package dev.holdfast.storage.gcs;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.bucket.LocationOptions;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a bucket is reached. No secrets: those come from a file that is named here, or from where
/// Google's tools have them.
///
/// @param endpoint a server that is not Google's, or a particular one of its addresses
/// @param project that pays for the requests, where the bucket wants whoever asks to pay
/// @param ca absolute: a file with certificates (PEM), the only ones that are trusted
/// @param credentials absolute: a file with a service account's key, or the like
/// @param isAnonymous whether nobody's name is given, as to an emulator
record GcsOptions(
        Optional<URI> endpoint,
        Optional<String> project,
        Optional<Path> ca,
        Optional<Path> credentials,
        boolean isAnonymous) {
    static final String ENDPOINT = "endpoint";
    static final String PROJECT = "project";
    static final String CA = "ca";
    static final String CREDENTIALS = "credentials";

    static final List<String> NAMES = List.of(ENDPOINT, PROJECT, CA, CREDENTIALS);

    /// The value of `credentials` that names no file.
    static final String NONE = "none";

    static final URI GOOGLE = URI.create("https://storage.googleapis.com");

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

    /// @param values by their names as in a location
    /// @param from where a file that is not absolute is meant from
    static GcsOptions of(Map<String, String> values, Path from) {
        LocationOptions given = new LocationOptions("a gs:", NAMES, values, from);
        Optional<URI> endpoint = given.server(ENDPOINT, "http://127.0.0.1:4443");
        boolean isPlain = endpoint.map(server -> server.getScheme().equals("http")).orElse(false);
        boolean isNone = given.value(CREDENTIALS).equals(Optional.of(NONE));
        Optional<Path> credentials = isNone ? Optional.empty() : given.path(CREDENTIALS);
        // Whoever reads a token on the way can use it for an hour
        if (isPlain
                && credentials.isPresent()
                && !LOOPBACK.contains(endpoint.orElseThrow().getHost())) {
            throw new BadConfig(
                    "credentials would be sent to an endpoint without TLS",
                    "Write https: in endpoint=, or leave credentials= out.");
        }
        return new GcsOptions(
                endpoint,
                given.value(PROJECT).map(GcsOptions::project),
                given.path(CA),
                credentials,
                isNone || (isPlain && credentials.isEmpty()));
    }

    /// The server that is asked.
    URI server() {
        return endpoint.orElse(GOOGLE);
    }

    /// Whether it is Google's, by whichever of its addresses: they all have the same buckets.
    boolean isGoogle() {
        return server().getHost().endsWith(".googleapis.com");
    }

    // Google Cloud, "Creating and managing projects"; a domain may stand before it
    private static String project(String text) {
        if (!text.matches("[a-z0-9.:-]{1,128}")) {
            throw new BadConfig(
                    "the option project of a gs: location is no project's id",
                    "Write it as in project=my-project-123.");
        }
        return text;
    }
}
