package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/// That the tests of stores have a real server to talk to, and leave none behind.
final class S3ServerTest {
    @TempDir private Path folder;

    @Test
    void itSpeaksS3AndKnowsItsOwnCredentialsOnly() throws Exception {
        URI bucket = S3Server.shared().endpoint().resolve("/some-bucket");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(bucket).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("<Code>AccessDenied</Code>");
        }
    }

    @Test
    void oneThatIsClosedIsGoneAndItsDataWithIt() throws IOException {
        Path data = folder.resolve("data");
        MinioProcess process =
                MinioProcess.start(S3Server.program(), data, MinioProcess.Data.REMOVED_AT_END);
        assertThat(ProcessHandle.of(process.pid())).isPresent();
        process.close();
        assertThat(ProcessHandle.of(process.pid())).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void oneThatIsStartedAgainHasTheSameAddress() throws IOException {
        MinioProcess first = MinioProcess.start(S3Server.program(), folder, MinioProcess.Data.KEPT);
        first.close();
        try (MinioProcess second =
                MinioProcess.restart(S3Server.program(), folder, first.server())) {
            assertThat(second.server()).isEqualTo(first.server());
            assertThat(second.pid()).isNotEqualTo(first.pid());
        }
        assertThat(folder.resolve("objects")).exists();
    }
}
