package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TransferTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void tellsSizeShareRateAndTimeLeft() {
        Transfer transfer = new Transfer("restoring", 1_000_000_000, 5 * SECOND);
        assertThat(transfer.describe(400_000_000, 7 * SECOND))
                .isEqualTo("restoring 400 MB of 1.00 GB, 40 %, 200 MB/s, 3.0 s left");
    }

    @Test
    void saysNothingOfARateBeforeThereIsOne() {
        Transfer transfer = new Transfer("restoring", 1_000, 0);
        assertThat(transfer.describe(0, 9 * SECOND)).isEqualTo("restoring 0 bytes of 1.00 kB, 0 %");
        assertThat(transfer.describe(1, 1)).isEqualTo("restoring 1 byte of 1.00 kB, 0 %");
    }

    @Test
    void isNotCompleteBeforeItIs() {
        Transfer transfer = new Transfer("restoring", 1_000_000, 0);
        assertThat(transfer.describe(999_999, 1)).contains("99 %");
        assertThat(transfer.describe(1_000_000, SECOND))
                .isEqualTo("restoring 1.00 MB of 1.00 MB, 100 %, 1.00 MB/s");
    }

    @Test
    void aJobOfUnknownSizeHasARateOnly() {
        Transfer transfer = new Transfer("copying", 0, 0);
        assertThat(transfer.describe(5_000_000, SECOND)).isEqualTo("copying 5.00 MB, 5.00 MB/s");
    }
}
