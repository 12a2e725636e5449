package dev.holdfast.tests.soak;

import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.s3.MinioProcess;
import dev.holdfast.storage.s3.S3Server;
import dev.holdfast.storage.s3.TestBucket;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// Where a campaign's archive is.
sealed interface Place extends AutoCloseable {
    /// As the command is told.
    String location();

    /// What the command's environment must have for it.
    Map<String, String> variables();

    /// For reading.
    ObjectStore open() throws IOException;

    @Override
    void close();

    /// What makes one for a campaign, given its folder.
    @FunctionalInterface
    interface Maker {
        Place in(Path folder) throws IOException;
    }

    /// A folder.
    record Folder(Path archive) implements Place {
        @Override
        public String location() {
            return archive.toString();
        }

        @Override
        public Map<String, String> variables() {
            return Map.of();
        }

        @Override
        public ObjectStore open() throws IOException {
            return FileObjectStore.openForReading(archive);
        }

        @Override
        public void close() {
            // there is nothing to close
        }
    }

    /// A bucket of a real S3 server, which can be killed and started again.
    final class Bucket implements Place {
        private static final String PREFIX = "soak";

        private final Path data;
        private final TestBucket bucket;
        private MinioProcess server;

        Bucket(Path folder) throws IOException {
            data = folder.resolve("minio");
            server = MinioProcess.start(S3Server.program(), data, MinioProcess.Data.KEPT);
            bucket = TestBucket.makeOn(server.server());
        }

        /// SIGKILL.
        void kill() {
            server.close();
        }

        void restart() throws IOException {
            server = MinioProcess.restart(S3Server.program(), data, bucket.server());
        }

        @Override
        public String location() {
            return bucket.location(PREFIX, "");
        }

        @Override
        public Map<String, String> variables() {
            return Map.of(
                    "AWS_ACCESS_KEY_ID",
                    bucket.server().accessKey(),
                    "AWS_SECRET_ACCESS_KEY",
                    bucket.server().secretKey());
        }

        @Override
        public ObjectStore open() {
            return bucket.open(PREFIX);
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
