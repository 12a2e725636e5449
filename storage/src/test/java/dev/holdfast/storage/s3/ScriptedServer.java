package dev.holdfast.storage.s3;

import dev.holdfast.storage.ObjectStore;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkGlobalTime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Says over a real connection what MinIO can't be brought to say: the answers that it was given,
/// one after the other, whatever is asked.
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

    /// @param promised the length that is announced, be it true or not; negative for none
    private record Answer(int status, Map<String, String> headers, String body, int promised) {}

    /// What came, without its body.
    ///
    /// @param headers by their names in lower case
    record Asked(String line, Map<String, String> headers) {}

    ScriptedServer(ServerSocket socket) {
        this.socket = socket;
        Thread.ofVirtual().name("scripted-server").start(this::answerAll);
    }

    static ScriptedServer start() throws IOException {
        return new ScriptedServer(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
    }

    /// What asks it, in the bucket `some-bucket` under `x`.
    ///
    /// @param options more of a location's, each with its `&`
    ObjectStore open(String options) {
        return S3FailuresTest.open(
                "s3://some-bucket/x?endpoint=http://127.0.0.1:" + port() + options,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")),
                TestBucket.PATIENCE);
    }

    int port() {
        return socket.getLocalPort();
    }

    /// The next answer.
    ScriptedServer then(int status, Map<String, String> headers, String body) {
        answers.add(new Answer(status, headers, body, body.length()));
        return this;
    }

    /// An error, as S3 says it.
    ScriptedServer thenError(int status, String code, String message) {
        return then(
                status,
                Map.of("Content-Type", "application/xml"),
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
                        .formatted(code, message));
    }

    /// An answer that breaks off.
    ScriptedServer thenCut(int status, Map<String, String> headers, String body, int promised) {
        answers.add(new Answer(status, headers, body, promised));
        return this;
    }

    /// An answer that does not say how long it is.
    ScriptedServer thenUnmeasured(int status, Map<String, String> headers, String body) {
        answers.add(new Answer(status, headers, body, -1));
        return this;
    }

    List<Asked> asked() {
        return List.copyOf(asked);
    }

    private void answerAll() {
        while (true) {
            try (Socket connection = socket.accept()) {
                Asked request = read(connection.getInputStream());
                asked.add(request);
                write(connection.getOutputStream(), request, answers.remove());
            } catch (IOException _) {
                if (socket.isClosed()) {
                    return;
                }
            }
        }
    }

    private static Asked read(InputStream in) throws IOException {
        String line = line(in);
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        in.skipNBytes(Long.parseLong(headers.getOrDefault("content-length", "0")));
        return new Asked(line, headers);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the request ends in its headers");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    private static void write(OutputStream out, Asked request, Answer answer) throws IOException {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + answer.status + " Said\r\n");
        answer.headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        text.append("Connection: close\r\n");
        if (answer.promised >= 0) {
            text.append("Content-Length: ").append(answer.promised).append("\r\n");
        }
        text.append("\r\n").append(request.line.startsWith("HEAD ") ? "" : answer.body);
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        // What a client has learned of a server's clock is where the next client begins
        SdkGlobalTime.setGlobalTimeOffset(0);
        socket.close();
    }
}
