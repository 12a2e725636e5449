package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.StoreException;
import dev.holdfast.storage.bucket.WatchedRequests;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// How long requests wait for each other.
final class S3RequestsTest {
    /// As many as there may be at once.
    private static final int ALL = 16;

    @Test
    void whatStandsStillMakesRoomThoughNobodyWaitsForIt() throws IOException {
        S3Requests impatient = requests(Duration.ofMillis(1), TestBucket.NEVER);
        List<WatchedRequests.Pending<Integer>> still = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            still.add(impatient.begin(S3RequestKind.PART, _ -> standStill()));
        }
        S3Requests patient = requests(TestBucket.PATIENCE, TestBucket.NEVER);
        assertThat(patient.<Integer>send(S3RequestKind.GET, _ -> 7)).isEqualTo(7);
        assertThat(still)
                .allSatisfy(request ->
                        assertThatThrownBy(request::await)
                                .isInstanceOf(StoreException.Unavailable.class)
                                .hasMessage("S3 has not answered for 0 s"));
    }

    @Test
    void whoeverIsStoppedDoesNotWaitForRoom() throws IOException {
        S3Requests patient = requests(Duration.ofDays(1), TestBucket.NEVER);
        List<WatchedRequests.Pending<Integer>> still = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            still.add(patient.begin(S3RequestKind.PART, _ -> standStill()));
        }
        S3Requests stopped = requests(Duration.ofDays(1), new CountDownLatch(0));
        assertThatThrownBy(() -> stopped.<Integer>send(S3RequestKind.GET, _ -> 7))
                .hasMessage("stopped while an answer was waited for");
        still.forEach(WatchedRequests.Pending::drop);
    }

    @Test
    void whoGivesAByteNowAndThenIsGivenUp() {
        S3Requests requests = requests(Duration.ofMillis(100), TestBucket.NEVER);
        assertThatThrownBy(() -> requests.<Integer>send(S3RequestKind.GET, S3RequestsTest::trickle))
                .isInstanceOf(StoreException.Unavailable.class);
    }

    /// A byte at each look of whoever waits.
    private static int trickle(AtomicLong progress) throws IOException {
        while (!Thread.interrupted()) {
            progress.incrementAndGet();
            LockSupport.parkNanos(1_000_000);
        }
        throw new IOException("dropped");
    }

    private static S3Requests requests(Duration patience, CountDownLatch stop) {
        return new S3Requests(new S3Failures(S3Place.parse("s3://some-bucket")), patience, stop);
    }

    private static int standStill() throws IOException {
        try {
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            throw new IOException("dropped", e);
        }
    }
}
