package dev.holdfast.storage.s3;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.ConnectionFailures;
import dev.holdfast.storage.bucket.ServerWords;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

import javax.xml.stream.XMLStreamException;

/// Tells what S3's refusals, and silence, mean for an archive in a bucket.
final class S3Failures {
    private final S3Place place;

    S3Failures(S3Place place) {
        this.place = place;
    }

    /// It was not waited for any longer.
    ///
    /// @param what it has done
    StoreException givenUp(String what) {
        return ConnectionFailures.givenUp(server(), what);
    }

    StoreException explain(SdkException failure) {
        return failure instanceof S3Exception answer ? refused(answer) : unanswered(failure);
    }

    private StoreException refused(S3Exception answer) {
        String code = code(answer);
        return switch (code) {
            case "AccessDenied", "AllAccessDisabled", "AccountProblem", "403" ->
                    denied(
                            answer,
                            "access denied",
                            "Allow these credentials s3:PutObject, s3:GetObject, s3:ListBucket and"
                                    + " s3:AbortMultipartUpload on the bucket "
                                    + place.bucket()
                                    + ".");
            // Some servers, as MinIO, forget the key of a session together with its token
            case "InvalidAccessKeyId" ->
                    unknown(
                            answer,
                            "; if a session token belongs to them, it may have expired: renew them"
                                    + " together, those of a role renew themselves if nothing in"
                                    + " the environment (AWS_SESSION_TOKEN) stands before them.");
            case "SignatureDoesNotMatch", "InvalidSecurity" -> unknown(answer, ".");
            case "ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidTokenId" ->
                    denied(
                            answer,
                            "the session token has expired, or is not known there",
                            "Renew the credentials; those of a role renew themselves if nothing in"
                                    + " the environment (AWS_SESSION_TOKEN) stands before them.");
            case "NoSuchBucket" ->
                    denied(
                            answer,
                            "there is no bucket " + place.bucket(),
                            "Create the bucket, or correct its name, region or endpoint.");
            case "PermanentRedirect",
                    "AuthorizationHeaderMalformed",
                    "IllegalLocationConstraintException",
                    "301" ->
                    wrongRegion(answer);
            // The names of a new bucket take their time to spread
            case "TemporaryRedirect", "307" ->
                    unavailable(
                            answer,
                            "sends requests for the bucket %s elsewhere for now"
                                    .formatted(place.bucket()),
                            "Write region= as that of the bucket; a new one is found from anywhere"
                                    + " within hours.");
            case "RequestTimeTooSkewed", "RequestExpired" -> skewed(answer);
            case "SlowDown",
                    "SlowDownRead",
                    "SlowDownWrite",
                    "TooManyRequests",
                    "Throttling",
                    "ThrottlingException",
                    "RequestLimitExceeded",
                    "BandwidthLimitExceeded",
                    "ServiceUnavailable",
                    "429" ->
                    new StoreException.Throttled(
                            text(answer, "asks for fewer requests"),
                            "Wait, or raise the limit of the store; it is asked more slowly now.",
                            answer);
            // Not S3's own: that gives its reason, except to a HEAD
            case "503" ->
                    ConnectionFailures.notAvailable(
                            text(answer, server() + " is not available"), answer);
            default -> other(code, answer);
        };
    }

    private StoreException unknown(S3Exception answer, String more) {
        return denied(
                answer,
                "these credentials are not known there",
                "Check the access key and the secret key, and that they are for "
                        + server()
                        + more);
    }

    private StoreException other(String code, S3Exception answer) {
        if (code.contains("StorageFull") || code.contains("Quota") || code.equals("507")) {
            return unavailable(answer, "has no room", "Make room there, or raise the quota.");
        }
        if (code.startsWith("KMS.") || code.contains("KMS")) {
            return denied(
                    answer,
                    "the key for SSE-KMS can't be used",
                    "Check kms-key in the location, and allow these credentials"
                            + " kms:GenerateDataKey and kms:Decrypt.");
        }
        return switch (code) {
            // Damaged or cut off on the way
            case "BadDigest",
                    "IncompleteBody",
                    "RequestTimeout",
                    "408",
                    "XAmzContentSHA256Mismatch",
                    "XAmzContentChecksumMismatch",
                    "InvalidDigest" ->
                    unavailable(answer, "did not get what was sent", TRY_AGAIN);
            case "NoSuchUpload" ->
                    unavailable(
                            answer,
                            "has ended the upload",
                            "See that nobody, and no rule of the bucket, ends uploads within a day;"
                                    + " it begins anew.");
            case "InvalidObjectState" ->
                    denied(
                            answer,
                            "the object lies in a storage class that does not give it at once",
                            "Bring it back (aws s3api restore-object), and take the archive out of"
                                    + " the bucket's lifecycle rules.");
            // Another request for the same name is under way
            case "ConditionalRequestConflict", "OperationAborted", "409" ->
                    unavailable(answer, "is busy with that name", TRY_AGAIN);
            case "NotImplemented", "MethodNotAllowed", "405", "501" -> unable(answer);
            default -> byStatus(answer);
        };
    }

    /// Has no word of its own for what it can't: it says that in a sentence, if at all.
    private StoreException unable(S3Exception answer) {
        S3Options options = place.options();
        String said = said(answer).toLowerCase(Locale.ROOT);
        if (options.encryption().isPresent()
                && (said.contains("kms") || said.contains("encrypt"))) {
            return denied(
                    answer,
                    server() + " can't encrypt as sse=" + options.encryption().get() + " asks",
                    "Configure the server's KMS, or leave sse="
                            + (options.kmsKey().isPresent() ? " and kms-key=" : "")
                            + " out of the location.");
        }
        return denied(
                answer,
                "can't do what an archive needs",
                "Use a server that keeps conditional writes (If-None-Match: *).");
    }

    private static final String TRY_AGAIN = ConnectionFailures.TRY_AGAIN;

    private static final String CORRECT_ENDPOINT =
            "Correct the endpoint: scheme, host and port of the S3 interface, not of a web"
                    + " console.";

    private StoreException byStatus(S3Exception answer) {
        // S3 begins to answer before it puts parts together: an error may follow a 200
        if (answer.statusCode() >= 500 || answer.statusCode() < 300) {
            return unavailable(answer, "failed", "Check the server, then try again.");
        }
        boolean isS3 = details(answer).map(AwsErrorDetails::errorCode).isPresent();
        if (!isS3) {
            return notS3(answer);
        }
        // So MinIO's console answers whatever is signed. S3's has other words with this code
        if (code(answer).equals("InvalidArgument") && said(answer).contains("API port")) {
            return denied(answer, server() + " does not speak S3", CORRECT_ENDPOINT);
        }
        return denied(
                answer,
                "refused the request",
                "Check the location's options, and what the server says.");
    }

    private StoreException notS3(SdkException failure) {
        return new StoreException.Unintelligible(
                server() + " does not speak S3: " + ServerWords.of(failure),
                CORRECT_ENDPOINT,
                failure);
    }

    private StoreException wrongRegion(S3Exception answer) {
        Optional<String> region =
                details(answer)
                        .map(AwsErrorDetails::sdkHttpResponse)
                        .flatMap(response -> response.firstMatchingHeader("x-amz-bucket-region"));
        return denied(
                answer,
                "the bucket "
                        + place.bucket()
                        + " is not in this region"
                        + region.map(found -> " but in " + found).orElse(""),
                "Write the bucket's region into the location: "
                        + region.map(found -> place.inRegion(found).toString()).orElse("region=…")
                        + ".");
    }

    /// The SDK has learned the difference by now, and signs the next request with it.
    private StoreException skewed(S3Exception answer) {
        Instant here = Instant.now();
        String difference =
                details(answer)
                        .map(AwsErrorDetails::sdkHttpResponse)
                        .flatMap(response -> response.firstMatchingHeader("Date"))
                        .flatMap(S3Failures::date)
                        .map(there ->
                                " by " + Math.abs(Duration.between(there, here).toSeconds()) + " s")
                        .orElse("");
        return unavailable(
                answer,
                "has another time than this machine" + difference,
                "Set this machine's clock, or the server's (NTP).");
    }

    static Optional<Instant> date(String header) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header)));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /// No answer, or none that the SDK could read.
    private StoreException unanswered(SdkException failure) {
        return new ConnectionFailures(
                        server(), "Check the endpoint, or the region, and the name server.")
                .explain(failure, () -> notS3(failure))
                .orElseGet(() -> uncaused(failure));
    }

    /// The SDK has no types for these.
    private StoreException uncaused(SdkException failure) {
        String words = String.valueOf(failure.getMessage());
        if (isCutOff(failure)) {
            return unavailable(failure, "broke off", TRY_AGAIN);
        }
        if (words.contains("Could not parse XML") || words.contains("unmarshall")) {
            return notS3(failure);
        }
        return unavailable(failure, "did not answer", TRY_AGAIN);
    }

    /// The parser has words only for a text that ends before its last element does.
    private static boolean isCutOff(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof XMLStreamException e
                    && String.valueOf(e.getMessage()).contains("within the same entity")) {
                return true;
            }
        }
        return false;
    }

    private StoreException denied(S3Exception answer, String what, String remedy) {
        return new StoreException.Denied(text(answer, what), remedy, answer);
    }

    private StoreException unavailable(Throwable cause, String what, String remedy) {
        String text =
                cause instanceof S3Exception answer
                        ? text(answer, server() + " " + what)
                        : server() + " " + what + ": " + ServerWords.of(cause);
        return new StoreException.Unavailable(text, remedy, cause);
    }

    /// What it means, and what S3 said.
    private static String text(S3Exception answer, String what) {
        String said = said(answer);
        return what
                + " ("
                + ServerWords.oneLine(code(answer))
                + (code(answer).equals(status(answer)) ? "" : ", " + status(answer))
                + (said.isEmpty() ? ")" : "): " + ServerWords.oneLine(said));
    }

    private static String said(S3Exception answer) {
        return details(answer).map(AwsErrorDetails::errorMessage).orElse("");
    }

    /// S3's own word for it; the status where there is none, as after a HEAD.
    static String code(S3Exception answer) {
        return details(answer)
                .map(AwsErrorDetails::errorCode)
                .filter(code -> !code.isEmpty())
                .orElseGet(() -> status(answer));
    }

    private static String status(S3Exception answer) {
        return String.valueOf(answer.statusCode());
    }

    private static Optional<AwsErrorDetails> details(S3Exception answer) {
        @Nullable AwsErrorDetails details = answer.awsErrorDetails();
        return Optional.ofNullable(details);
    }

    private String server() {
        return place.options().endpoint().map(Object::toString).orElse("S3");
    }
}
