package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.replicator.ByteBudget.Share;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectUpload;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

final class ByteBudgetTest {
    private static final long RATE = 1_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private long now = Long.MAX_VALUE - 1; // nanoTime may be anything, and overflow
    private final Timekeeper time = new Timekeeper(InstantSource.system(), () -> now);
    private final ByteBudget budget = new ByteBudget(UploadBandwidth.of(RATE), time);

    private void pass(Duration length) {
        now += length.toNanos();
    }

    @Test
    void whatIsSentIsOwedAndPaidBySecond() {
        assertThat(budget.untilLog(true)).isZero();
        budget.spend(3 * RATE);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(3));
        pass(SECOND.multipliedBy(2));
        assertThat(budget.untilLog(true)).isEqualTo(SECOND);
        pass(SECOND);
        assertThat(budget.untilLog(true)).isZero();
    }

    @Test
    void aPauseSavesNothingUp() {
        pass(SECOND.multipliedBy(1_000));
        budget.spend(RATE);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND);
    }

    @Test
    void ofWhatIsSentInAHurryNoMoreIsOwedThanOfALogObject() {
        for (int i = 0; i < 100; i++) {
            budget.spendInHurry(5 * RATE);
        }
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(10));
        budget.spend(30 * RATE);
        budget.spendInHurry(RATE);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(40));
    }

    @Test
    void whatFailedCostsNoMoreThanTheTimeThatItTook() {
        long began = now;
        long charged = budget.spendLog(30 * RATE, false);
        budget.spend(2 * RATE); // somebody else's
        pass(SECOND);
        budget.failed(charged, began);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(2));
        began = now;
        charged = budget.spendLog(RATE, false);
        pass(SECOND.multipliedBy(2));
        budget.failed(charged, began);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND);
    }

    @Test
    void whatFailedInAHurryGivesBackNoMoreThanItWasCharged() {
        budget.spend(8 * RATE);
        long charged = budget.spendLog(30 * RATE, true);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(10));
        budget.failed(charged, now);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND.multipliedBy(8));
    }

    @Test
    void theLogComesBeforeEverythingElse() {
        budget.spend(RATE);
        assertThat(budget.untilLog(true)).isEqualTo(SECOND);
        long asked = now;
        pass(SECOND);
        // It is paid, and the log's turn
        assertThat(budget.untilOther(RATE, asked, Share.REST)).isPositive();
        assertThat(budget.untilLog(true)).isZero();
        assertThat(budget.untilOther(RATE, asked, Share.REST)).isZero();
    }

    @Test
    void aTenthIsLeftForTheRestWhateverTheLogHas() {
        assertThat(sentBesideTheLog(Share.REST)).isBetween(90L, 110L);
    }

    @Test
    void aHalfIsLeftForTheFirstSnapshotWhateverTheLogHas() {
        assertThat(sentBesideTheLog(Share.FIRST_SNAPSHOT)).isBetween(450L, 550L);
    }

    /// Of a thousand seconds' worth.
    private long sentBesideTheLog(Share share) {
        long asked = now;
        long sent = 0;
        for (int second = 0; second < 1_000; second++) {
            if (budget.untilLog(true).isZero()) {
                budget.spend(RATE);
                Duration _ = budget.untilLog(true);
            }
            if (budget.untilOther(RATE, asked, share).isZero()) {
                budget.spend(RATE);
                sent++;
                asked = now;
            }
            pass(SECOND);
        }
        return sent;
    }

    @Test
    void besideALogThatRestsTheRestHasItAll() {
        for (int second = 0; second < 10; second++) {
            assertThat(budget.untilLog(false)).isZero();
            assertThat(budget.untilOther(RATE, now, Share.REST)).isZero();
            budget.spend(RATE);
            assertThat(budget.untilOther(RATE, now, Share.REST)).isEqualTo(SECOND);
            pass(SECOND);
        }
    }

    @Test
    void logObjectsAreAsLargeAsTheBandwidthAllows() {
        assertThat(budget.objectBytes()).isEqualTo(10 * RATE);
        assertThat(limited(1_000).objectBytes()).isEqualTo(1 << 20);
        assertThat(limited(1_000_000_000_000L).objectBytes()).isEqualTo(Shipper.MAX_OBJECT_BYTES);
        assertThat(unlimited().objectBytes()).isEqualTo(Shipper.MAX_OBJECT_BYTES);
    }

    @Test
    void withoutALimitNothingIsOwed() {
        ByteBudget unlimited = unlimited();
        for (int i = 0; i < 10; i++) {
            unlimited.spend(Long.MAX_VALUE);
            assertThat(unlimited.untilLog(true)).isZero();
            assertThat(unlimited.untilOther(Long.MAX_VALUE, now, Share.REST)).isZero();
        }
    }

    private ByteBudget limited(long bytesPerSecond) {
        return new ByteBudget(UploadBandwidth.of(bytesPerSecond), time);
    }

    private ByteBudget unlimited() {
        return new ByteBudget(UploadBandwidth.UNLIMITED, time);
    }

    /// Each look whether it is in a hurry lets half a second pass.
    private PacedStore paced(InMemoryObjectStore store, AtomicInteger looks, int hurriedAfter) {
        Bell bell = new Bell();
        return new PacedStore(
                store,
                budget,
                Share.REST,
                bell,
                () -> {
                    bell.ring(); // so that the time of the machine does not matter
                    pass(SECOND.dividedBy(2));
                    return looks.incrementAndGet() > hurriedAfter;
                });
    }

    @Test
    void anUploadGoesInPiecesEachOfWhichIsPaidForBeforeTheNext() throws IOException {
        InMemoryObjectStore memory = new InMemoryObjectStore();
        AtomicInteger looks = new AtomicInteger();
        long began = now;
        try (ObjectUpload upload =
                paced(memory, looks, Integer.MAX_VALUE).upload("snapshots/0000000000000001.snap")) {
            ByteBuffer bytes = ByteBuffer.wrap(new byte[(int) (7 * RATE)]);
            upload.write(bytes);
            assertThat(bytes.hasRemaining()).isFalse();
            assertThat(upload.commit()).isNotNull();
        }
        // The first at the first look, each other one a second after the one before
        assertThat(Duration.ofNanos(now - began)).isEqualTo(Duration.ofMillis(6_500));
        assertThat(memory.list("", null, 10).entries().getFirst().bytes()).isEqualTo(7 * RATE);
    }

    @Test
    void whoIsInAHurryOrGivesItUpWaitsNoLonger() throws IOException {
        InMemoryObjectStore memory = new InMemoryObjectStore();
        AtomicInteger looks = new AtomicInteger();
        budget.spend(1_000 * RATE);
        PacedStore paced = paced(memory, looks, 3);
        ObjectBody body = ObjectBody.of(ByteBuffer.wrap(new byte[(int) RATE]));
        assertThat(paced.create("log/0000000000000001.seg", body)).isNotNull();
        assertThat(looks).hasValue(4);
    }
}
