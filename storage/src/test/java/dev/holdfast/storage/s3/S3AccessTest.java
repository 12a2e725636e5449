package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.storage.StoreException;

import org.junit.jupiter.api.Test;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A source of credentials that says nothing.
final class S3AccessTest {
    @Test
    void whileARenewalHangsWhatIsValidIsUsed() {
        AwsCredentials valid = valid("a");
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        S3Access access =
                new S3Access(
                        "the source",
                        "Do it.",
                        () -> {
                            if (asked.incrementAndGet() > 1) {
                                try {
                                    never.await();
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            }
                            return valid;
                        },
                        Duration.ofSeconds(1));
        assertThat(access.resolveCredentials()).isSameAs(valid);
        assertThat(access.resolveCredentials()).isSameAs(valid);
        assertThat(asked).hasValue(2);
    }

    private static AwsCredentials valid(String id) {
        return AwsSessionCredentials.builder()
                .accessKeyId(id)
                .secretAccessKey("b")
                .sessionToken("c")
                .expirationTime(Instant.now().plus(Duration.ofHours(1)))
                .build();
    }

    @Test
    void oneRenewalIsAskedForWhileItHangsAndTakenWhenItComes() {
        AwsCredentials before = valid("before");
        AwsCredentials after = valid("after");
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch comes = new CountDownLatch(1);
        S3Access access =
                new S3Access(
                        "the source",
                        "Do it.",
                        () -> {
                            if (asked.incrementAndGet() == 1) {
                                return before;
                            }
                            try {
                                comes.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return after;
                        },
                        Duration.ofMinutes(5));
        for (int i = 0; i < 100; i++) {
            assertThat(access.resolveCredentials()).isSameAs(before);
        }
        assertThat(asked).hasValue(2);
        comes.countDown();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!access.resolveCredentials().equals(after)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void aSourceThatHangsIsGivenUpAndItsSocketClosed() throws Exception {
        CountDownLatch isLetGo = new CountDownLatch(1);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            S3Access access =
                    new S3Access(
                            "the source",
                            "Do it.",
                            () -> {
                                try (Socket socket =
                                        new Socket(
                                                silent.getInetAddress(), silent.getLocalPort())) {
                                    int _ = socket.getInputStream().read();
                                    throw new AssertionError("it has answered");
                                } catch (IOException e) {
                                    isLetGo.countDown();
                                    throw new UncheckedIOException(e);
                                }
                            },
                            Duration.ofSeconds(1));
            assertThatThrownBy(access::resolveCredentials)
                    .isInstanceOf(SdkClientException.class)
                    .cause()
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessage("no credentials: the source has not answered for 1 s");
            assertThat(isLetGo.await(1, TimeUnit.MINUTES)).isTrue();
        }
    }
}
