package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.ForwardingStore;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ObjectUpload;
import dev.holdfast.storage.archive.SnapshotPoint;
import dev.holdfast.storage.state.LogPoint;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/// When a snapshot counts as stored whose name is found taken.
final class SnapshotJobTest {
    private static final PageSize PAGE = new PageSize(4096);
    private static final long PAGES = 700;

    private static final Digest DIGEST =
            Digest.of(ByteBuffer.wrap("log".getBytes(StandardCharsets.US_ASCII)));

    @Test
    void oneThatIsThereWholeIsStored() {
        assertThat(result(0)).isInstanceOf(SnapshotJob.Result.Stored.class);
    }

    @Test
    void oneWhoseBlocksAreOtherBytesIsNot() {
        assertThat(result(1)).isInstanceOf(SnapshotJob.Result.Failed.class);
    }

    /// What comes of a job whose answer is lost, after its bytes were stored.
    ///
    /// @param change of a byte in the midst of them
    private static SnapshotJob.@Nullable Result result(int change) {
        SnapshotHeader header =
                new SnapshotHeader(
                        Codec.ZSTD,
                        PAGE,
                        new ArchiveId(1, 2),
                        new WriterId(3),
                        1,
                        4,
                        SnapshotJob.pagesPerBlock(PAGE),
                        false);
        Bell capture = new Bell();
        Random random = new Random(7);
        SnapshotJob job =
                new SnapshotJob(
                        new TakenNames(new InMemoryObjectStore(), change),
                        new ByteBudget(UploadBandwidth.UNLIMITED, Timekeeper.system()),
                        ByteBudget.Share.REST,
                        header,
                        Optional.empty(),
                        PAGES,
                        (_, into) -> {
                            byte[] bytes = new byte[(int) into.byteSize()];
                            random.nextBytes(bytes);
                            into.asByteBuffer().put(bytes);
                        },
                        new ShippedMark(new LogPoint(1, DIGEST, 1, 1)),
                        capture);
        job.finishAt(new SnapshotPoint(1, DIGEST, 1, 1, PAGES, 0));
        job.start();
        SnapshotJob.@Nullable Result result = job.result();
        for (int i = 0; result == null && i < 120; i++) {
            boolean _ = capture.await(Duration.ofSeconds(1));
            result = job.result();
        }
        return result;
    }

    /// Stores what is uploaded, and says that the name is taken.
    private static final class TakenNames extends ForwardingStore {
        private final int change;

        TakenNames(ObjectStore store, int change) {
            super(store);
            this.change = change;
        }

        @Override
        public ObjectUpload upload(String name) {
            return new Upload(name);
        }

        private final class Upload implements ObjectUpload {
            private final String name;
            private final ByteArrayOutputStream content = new ByteArrayOutputStream();

            Upload(String name) {
                this.name = name;
            }

            @Override
            public void write(ByteBuffer bytes) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                content.writeBytes(copy);
            }

            @Override
            public CreateOutcome commit() throws IOException {
                byte[] all = content.toByteArray();
                all[all.length / 2] += (byte) change;
                CreateOutcome _ = reached().create(name, ObjectBody.of(ByteBuffer.wrap(all)));
                return new CreateOutcome.AlreadyExists();
            }

            @Override
            public void close() {}
        }
    }
}
