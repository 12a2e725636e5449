package dev.holdfast.restore.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.Digest;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.archive.TestArchive;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.TreeMap;

final class SharedLogTest {
    private static final long SEED = Long.getLong("seed", 1);

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void theLogIsSharedUpToTheLastSegmentThatIsTheSame() throws IOException {
        try (TestArchive archive =
                TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD)) {
            long last = archive.lastSeq();
            for (long first = 1; first <= last; first++) {
                TreeMap<Long, Digest> own = new TreeMap<>();
                for (long seq = first; seq <= last; seq++) {
                    own.put(seq, archive.digest(seq));
                }
                own.put(last + 1, Digest.of(Digest.sha256()));
                assertThat(SharedLog.end(store, own)).isEqualTo(last);
                for (long fork = last; fork >= first; fork--) {
                    own.put(fork, Digest.of(Digest.sha256()));
                    assertThat(SharedLog.end(store, own)).isEqualTo(fork - 1);
                }
            }
        }
    }

    @Test
    void whatIsMissingIsNotShared() throws IOException {
        try (TestArchive archive =
                TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD)) {
            TreeMap<Long, Digest> own = new TreeMap<>();
            own.put(1L, archive.digest(1));
            assertThat(store.delete(ObjectNames.log(1))).isNotNull();
            assertThat(SharedLog.end(store, own)).isZero();
        }
    }
}
