package dev.holdfast.storage.bucket;

import dev.holdfast.storage.StoreException;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Supplier;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// Tells what it means that a server gave no answer.
///
/// @param server as messages call it
/// @param ifUnknown what to do if there is no such host
public record ConnectionFailures(String server, String ifUnknown) {
    public static final String TRY_AGAIN = "Try again; if it stays so, check the server.";

    /// For an answer that no store gives.
    public static final String LOOK_BETWEEN =
            "Check what stands between here and the store: a proxy, or a server that is none.";

    /// What it means that there is nobody to answer, as a balancer says of servers that are away.
    ///
    /// @param words of the answer, with its status
    public static StoreException notAvailable(String words, Throwable answer) {
        return new StoreException.Throttled(
                words,
                "Check the server, and what stands before it; it is asked more slowly now.",
                answer);
    }

    /// A server was not waited for any longer.
    ///
    /// @param what it has done
    public static StoreException givenUp(String server, String what) {
        return new StoreException.Unavailable(
                server + " " + what,
                "Check the network between here and there, and the server.",
                null);
    }

    /// By the first of a failure's causes that says something; empty if none is of a connection.
    ///
    /// @param notTls what it means that the server does not speak TLS
    public Optional<StoreException> explain(Throwable failure, Supplier<StoreException> notTls) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case StoreException known -> {
                    return Optional.of(known);
                }
                case UnknownHostException e -> {
                    // Its message begins with the host's name
                    return Optional.of(
                            new StoreException.Unavailable(
                                    server
                                            + " can't be reached: there is no host "
                                            + ServerWords.of(e),
                                    ifUnknown,
                                    e));
                }
                case ConnectException e -> {
                    return unavailable(
                            e, "can't be reached", "Start the server, or correct the endpoint.");
                }
                case NoRouteToHostException e -> {
                    return unavailable(e, "can't be reached", "Check the network.");
                }
                case SocketTimeoutException e -> {
                    return unavailable(e, "does not answer", "Check the network, and the server.");
                }
                case SSLHandshakeException e when isOfCertificate(e) -> {
                    return Optional.of(
                            new StoreException.Denied(
                                    server
                                            + " has a certificate that is not trusted: "
                                            + ServerWords.of(e),
                                    "Name the certificate of the authority that signed it in the"
                                            + " location: ca=/path/ca.pem.",
                                    e));
                }
                case SSLException e -> {
                    return String.valueOf(e.getMessage()).contains("SSL message")
                            ? Optional.of(notTls.get())
                            : unavailable(e, "broke off", TRY_AGAIN);
                }
                case IOException e -> {
                    return unavailable(e, "broke off", TRY_AGAIN);
                }
                default -> {}
            }
        }
        return Optional.empty();
    }

    /// A handshake also fails because the connection breaks off.
    private static boolean isOfCertificate(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        return false;
    }

    private Optional<StoreException> unavailable(Throwable cause, String what, String remedy) {
        return Optional.of(
                new StoreException.Unavailable(
                        server + " " + what + ": " + ServerWords.of(cause), remedy, cause));
    }
}
