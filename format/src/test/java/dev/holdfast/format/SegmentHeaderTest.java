package dev.holdfast.format;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.FormatException;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

/// Which segment may stand after which.
class SegmentHeaderTest {
    private static final Digest DIGEST = Digest.of(ByteBuffer.wrap(new byte[] {1}));
    private static final Digest OTHER = Digest.of(ByteBuffer.wrap(new byte[] {2}));

    private final Header first = new Header().kind(SegmentHeader.Kind.REBASE).place(1, 1);
    private final Header claim = new Header().kind(SegmentHeader.Kind.CLAIM).place(2, 2);

    @Test
    void whatThePageAllowsIsRead() {
        assertThatCode(() -> first.read().checkBegins(DIGEST, "a", 0)).doesNotThrowAnyException();
        assertAllowed(first, new Header().place(2, 2));
        assertAllowed(first, new Header().place(2, 2).reset(true).window(20));
        assertAllowed(first, claim);
        assertAllowed(claim, new Header().place(3, 2).reset(true));
        assertAllowed(claim, new Header().kind(SegmentHeader.Kind.CLAIM).place(3, 2));
        assertAllowed(
                claim, new Header().kind(SegmentHeader.Kind.REBASE).place(3, 2).pageSize(512));
        assertAllowed(first, new Header().place(2, 2).reset(true).lz4());
    }

    @Test
    void whatDoesNotFollowIsRefused() {
        assertRefused("seq", first, new Header().place(3, 2));
        assertRefused("first transaction", first, new Header().place(2, 3));
        assertRefused(
                "digest of the segment before", first, new Header().place(2, 2).previous(OTHER));
        assertRefused("archive id", first, new Header().place(2, 2).archive(9));
        assertRefused("first time", first, new Header().place(2, 2).micros(1_000_001));
        assertRefused("page size", first, new Header().place(2, 2).pageSize(512));
        assertRefused("page size", first, claim.pageSize(512));
        assertRefused("window", first, new Header().place(2, 2).window(22));
    }

    @Test
    void aStreamDoesNotGoOnOverAClaimOrAnotherCodec() {
        assertRefused("reset", claim, new Header().place(3, 2));
        assertRefused(
                "reset", new Header().place(2, 2).reset(true).lz4(), new Header().place(3, 3));
    }

    @Test
    void whatIsEncryptedIsNeverGoneOnWithInTheClear() {
        Header sealed = new Header().place(2, 2).reset(true).sealed(true);
        assertAllowed(first, sealed);
        assertAllowed(sealed, new Header().place(3, 3).sealed(true));
        assertRefused("sealed", sealed, new Header().place(3, 3));
        assertRefused("sealed", sealed, new Header().place(3, 3).reset(true));
        assertRefused("sealed", sealed, new Header().kind(SegmentHeader.Kind.CLAIM).place(3, 3));
    }

    @Test
    void encryptionBeginsWithAReset() {
        assertRefused("sealed", first, new Header().place(2, 2).sealed(true));
    }

    @Test
    void theFirstOfAllNamesArchiveInfoAndIsNoCommit() {
        assertThatThrownBy(() -> first.read().checkBegins(OTHER, "a", 0))
                .isInstanceOf(FormatException.DigestMismatch.class);
        assertThatThrownBy(() -> claim.read().checkBegins(DIGEST, "a", 0))
                .hasMessageContaining("seq");
        assertThatThrownBy(() -> new Header().place(1, 1).read())
                .hasMessageContaining("first transaction");
        assertThatThrownBy(() -> new Header().place(1, 2).read())
                .hasMessageContaining("first transaction");
    }

    @Test
    void aHeaderThatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> new Header().place(2, 2).lz4().read())
                .hasMessageContaining("reset");
        assertThatThrownBy(() -> new Header().place(2, 2).window(9).read())
                .hasMessageContaining("window");
        assertThatThrownBy(() -> new Header().place(2, 2).window(25).read())
                .hasMessageContaining("window");
        assertThatThrownBy(() -> new Header().place(2, 2).rawLength(27).read())
                .hasMessageContaining("raw length");
        assertThatThrownBy(() -> new Header().place(2, 2).rawLength(1L << 44).read())
                .hasMessageContaining("raw length");
        assertThatThrownBy(() -> new Header().place(0, 2).read()).hasMessageContaining("seq");
        assertThatThrownBy(() -> new Header().place(-1, 2).read()).hasMessageContaining("seq");
        assertThatThrownBy(() -> claim.rawLength(1).read())
                .hasMessageContaining("raw length of a claim");
    }

    private static void assertAllowed(Header before, Header next) {
        assertThatCode(() -> next.read().checkFollows(before.read(), DIGEST, "a", 0))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(String field, Header before, Header next) {
        assertThatThrownBy(() -> next.read().checkFollows(before.read(), DIGEST, "log/x", 5))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("log/x, byte 5: ")
                .hasMessageContaining(field);
    }

    /// A header that can be read, of one commit, and the changes to it.
    private static final class Header {
        private SegmentHeader.Kind kind = SegmentHeader.Kind.COMMITS;
        private boolean isReset;
        private boolean isSealed;
        private Codec codec = Codec.ZSTD;
        private int pageBytes = 4096;
        private long archive;
        private long seq;
        private Digest previous = DIGEST;
        private long firstTx;
        private int windowLog2 = 23;
        private long micros;
        private long rawLength = RecordHeader.BYTES;

        Header kind(SegmentHeader.Kind value) {
            kind = value;
            isReset = value == SegmentHeader.Kind.REBASE;
            rawLength = value == SegmentHeader.Kind.CLAIM ? 0 : RecordHeader.BYTES;
            return this;
        }

        Header place(long seqValue, long firstTxValue) {
            seq = seqValue;
            firstTx = firstTxValue;
            micros = 1_000_001 + seqValue;
            return this;
        }

        Header reset(boolean value) {
            isReset = value;
            return this;
        }

        Header sealed(boolean value) {
            isSealed = value;
            return this;
        }

        Header lz4() {
            codec = Codec.LZ4;
            windowLog2 = 0;
            return this;
        }

        Header pageSize(int value) {
            pageBytes = value;
            return this;
        }

        Header archive(long value) {
            archive = value;
            return this;
        }

        Header previous(Digest value) {
            previous = value;
            return this;
        }

        Header window(int value) {
            windowLog2 = value;
            return this;
        }

        Header micros(long value) {
            micros = value;
            return this;
        }

        Header rawLength(long value) {
            rawLength = value;
            return this;
        }

        /// Written and read back.
        SegmentHeader read() throws FormatException {
            boolean isClaim = kind == SegmentHeader.Kind.CLAIM;
            ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.BYTES);
            new SegmentHeader(
                            kind,
                            isReset,
                            isSealed,
                            codec,
                            new PageSize(pageBytes),
                            new ArchiveId(archive, 0),
                            seq,
                            previous,
                            new WriterId(1),
                            firstTx,
                            isClaim ? 0 : 1,
                            windowLog2,
                            micros,
                            micros,
                            rawLength,
                            isClaim ? 0 : 10,
                            isClaim ? 0 : 1)
                    .writeTo(bytes);
            return SegmentHeader.readFrom(bytes, "log/x", 5);
        }
    }
}
