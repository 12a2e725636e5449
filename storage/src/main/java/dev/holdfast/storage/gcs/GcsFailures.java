package dev.holdfast.storage.gcs;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.ConnectionFailures;
import dev.holdfast.storage.bucket.ServerWords;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// Tells what the refusals of Google Cloud Storage, and silence, mean for an archive in a bucket.
final class GcsFailures {
    private static final String TRY_AGAIN = ConnectionFailures.TRY_AGAIN;

    // Cloud Storage JSON API, "HTTP status and error codes": those of 403 that mean "too much"
    private static final List<String> TOO_MANY =
            List.of("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded");

    private static final String BACKEND = "backendError";

    private final GcsPlace place;

    GcsFailures(GcsPlace place) {
        this.place = place;
    }

    /// It was not waited for any longer.
    ///
    /// @param what it has done
    StoreException givenUp(String what) {
        return ConnectionFailures.givenUp(server(), what);
    }

    /// No answer, or none that could be read.
    StoreException unanswered(IOException failure) {
        return new ConnectionFailures(server(), "Check the endpoint, and the name server.")
                .explain(failure, () -> notGoogle(ServerWords.of(failure), failure))
                .orElseGet(() -> unavailable(failure, "did not answer"));
    }

    /// An answer that is in nobody's form.
    StoreException notUnderstood(IllegalArgumentException failure) {
        return new StoreException.Unavailable(
                server() + " has given an answer that is none: " + ServerWords.of(failure),
                ConnectionFailures.LOOK_BETWEEN,
                failure);
    }

    private StoreException unavailable(IOException failure, String what) {
        return new StoreException.Unavailable(
                server() + " " + what + ": " + ServerWords.of(failure), TRY_AGAIN, failure);
    }

    /// What answers is something else.
    StoreException notGoogle(String words, Throwable failure) {
        return new StoreException.Unintelligible(
                server() + " does not speak Google's JSON API: " + words,
                "Correct the endpoint: scheme, host and port, as in"
                        + " endpoint=http://127.0.0.1:4443.",
                failure);
    }

    StoreException explain(GcsRefusal answer) {
        return switch (answer.status()) {
            case 400 -> badRequest(answer);
            case 401 -> answer.isMarkup() ? notGoogle(bare(answer), answer) : unknown(answer);
            case 403 -> answer.isMarkup() ? notGoogle(bare(answer), answer) : forbidden(answer);
            case 404 -> missing(answer);
            // Damaged, cut off or too slow on the way
            case 408 -> unavailable(answer, "did not get what was sent", TRY_AGAIN);
            // Another request for the same name is under way
            case 409, 412 -> unavailable(answer, "is busy with that name", TRY_AGAIN);
            case 410 -> uploadEnded(answer);
            case 429 -> throttled(answer);
            case 503 -> notNow(answer);
            case 507 -> unavailable(answer, "has no room", "Make room there.");
            default -> other(answer);
        };
    }

    private StoreException other(GcsRefusal answer) {
        if (answer.status() >= 500 && answer.status() != 501) {
            return unavailable(answer, "failed", "Check the server, then try again.");
        }
        if (!answer.isGoogles()) {
            return notGoogle(bare(answer), answer);
        }
        return refused(answer);
    }

    private StoreException refused(GcsRefusal answer) {
        return denied(
                answer,
                "refused the request",
                "Check the location's options, and what the server says.");
    }

    private StoreException badRequest(GcsRefusal answer) {
        String words = answer.words().toLowerCase(Locale.ROOT);
        if (words.contains("md5") || words.contains("crc32c") || words.contains("hash")) {
            return unavailable(answer, "did not get what was sent", TRY_AGAIN);
        }
        if (words.contains("requester pays") || words.contains("user project")) {
            return denied(
                    answer,
                    "the bucket " + place.bucket() + " wants whoever asks to pay",
                    "Write the project that pays into the location: project=my-project-123.");
        }
        return answer.isGoogles() ? refused(answer) : notGoogle(bare(answer), answer);
    }

    private StoreException unknown(GcsRefusal answer) {
        return place.options().isAnonymous()
                ? denied(
                        answer,
                        "the store wants to know who asks",
                        "Leave credentials=none out of the location, or name a file with"
                                + " credentials=.")
                : denied(
                        answer,
                        "the access token has expired, or is not known there",
                        "Renew the credentials, and check that they are for " + server() + ".");
    }

    private StoreException forbidden(GcsRefusal answer) {
        if (TOO_MANY.contains(answer.reason())) {
            return throttled(answer);
        }
        return switch (answer.reason()) {
            case "accessNotConfigured" ->
                    denied(
                            answer,
                            "the project does not use Cloud Storage",
                            "Enable it: gcloud services enable storage.googleapis.com.");
            case "accountDisabled", "UserProjectAccountProblem", "billingDisabled" ->
                    denied(
                            answer,
                            "the project's billing account is closed or missing",
                            "Check the billing of the bucket's project.");
            default ->
                    denied(
                            answer,
                            "access denied",
                            "Give these credentials the role Storage Object User"
                                    + " (roles/storage.objectUser) on the bucket "
                                    + place.bucket()
                                    + ".");
        };
    }

    private StoreException missing(GcsRefusal answer) {
        return answer.isGoogles() || answer.isOfBucket() || answer.isOfObject()
                ? noBucket(answer)
                : notGoogle(bare(answer), answer);
    }

    /// A name that was not found is no failure: so it is the bucket.
    StoreException noBucket(GcsRefusal answer) {
        return denied(
                answer,
                "there is no bucket " + place.bucket(),
                "Create the bucket, or correct its name or endpoint.");
    }

    /// The session of an upload is no more, and the object is not there.
    StoreException uploadEnded(GcsRefusal answer) {
        return unavailable(
                answer,
                "has ended the upload",
                "See that nobody ends uploads within a week; it begins anew.");
    }

    /// Google says so where it is asked too much, and gives its reason, except to a download.
    private StoreException notNow(GcsRefusal answer) {
        return TOO_MANY.contains(answer.reason()) || answer.reason().equals(BACKEND)
                ? throttled(answer)
                : ConnectionFailures.notAvailable(
                        text(answer, server() + " is not available"), answer);
    }

    private StoreException throttled(GcsRefusal answer) {
        return new StoreException.Throttled(
                text(answer, "asks for fewer requests"),
                "Wait, or raise the quota; it is asked more slowly now.",
                answer);
    }

    private StoreException denied(GcsRefusal answer, String what, String remedy) {
        return new StoreException.Denied(text(answer, what), remedy, answer);
    }

    private StoreException unavailable(GcsRefusal answer, String what, String remedy) {
        return new StoreException.Unavailable(text(answer, server() + " " + what), remedy, answer);
    }

    /// What it means, and what the store said.
    private static String text(GcsRefusal answer, String what) {
        return what
                + " ("
                + (answer.reason().isEmpty() ? "" : answer.reason() + ", ")
                + answer.status()
                + (answer.words().isEmpty() ? ")" : "): " + answer.words());
    }

    private static String bare(GcsRefusal answer) {
        return answer.status() + (answer.words().isEmpty() ? "" : " " + answer.words());
    }

    private String server() {
        return place.options().isGoogle()
                ? "Google Cloud Storage"
                : place.options().server().toString();
    }
}
