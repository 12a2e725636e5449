package dev.holdfast.storage.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

/// How long a request lasts that gets on at a given pace, by a clock of the test's own.
final class PatienceTest {
    private static final Duration ALL = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration DAY = Duration.ofDays(1);

    /// As much as a part has.
    private static final long BODY = 8 << 20;

    private final Patience patience = new Patience(ALL, 0, 0);
    private Duration now = Duration.ZERO;
    private long bytes;

    /// Moves bytes at an even pace until the body ends, or it is given up.
    private Duration lastsFor(double bytesASecond, long body) {
        Duration begin = now;
        long before = bytes;
        while (now.compareTo(DAY) < 0 && bytes - before < body) {
            now = now.plus(LOOK);
            double seconds = now.minus(begin).toMillis() / 1e3;
            bytes = before + Math.min(body, (long) (seconds * bytesASecond));
            if (patience.isOver(now.toNanos(), bytes)) {
                break;
            }
        }
        return now.minus(begin);
    }

    @ParameterizedTest
    @CsvSource({"0, 20", "205, 22", "1024, 30", "2048, 54", "3000, 240"})
    void whoGetsOnMoreSlowlyThanAnHonestUplinkIsGivenUp(int bytesASecond, int secondsMax) {
        assertThat(lastsFor(bytesASecond, BODY)).isBetween(ALL, Duration.ofSeconds(secondsMax));
        assertThat(bytes).isLessThan(BODY);
    }

    @Test
    void noneLastsLongerThanItsBytesAtTheLeastPace() {
        for (int bytesASecond = 0; bytesASecond < 10_000; bytesASecond += 100) {
            PatienceTest each = new PatienceTest();
            assertThat(each.lastsFor(bytesASecond, BODY))
                    .isLessThan(ALL.plusSeconds(BODY / Patience.LEAST_BYTES_A_SECOND).plus(LOOK));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3_300, 4_000, 100_000, 100_000_000})
    void anHonestSlowUplinkSendsAllAndHasAllThePatienceForTheAnswer(int bytesASecond) {
        lastsFor(bytesASecond, BODY);
        assertThat(bytes).isEqualTo(BODY);
        assertThat(lastsFor(0, 1)).isBetween(ALL.minus(LOOK), ALL.plus(LOOK));
    }

    @Test
    void whatComesInJerksIsWaitedForFromOneToTheNext() {
        for (int i = 0; i < 10; i++) {
            bytes += BODY;
            assertThat(patience.isOver(now.toNanos(), bytes)).isFalse();
            now = now.plus(ALL).minusMillis(1);
            assertThat(patience.isOver(now.toNanos(), bytes)).isFalse();
        }
    }

    @Test
    void itSaysWhetherThereWasSilence() {
        lastsFor(0, BODY);
        assertThat(patience.words()).isEqualTo("has not answered for 20 s");
    }

    @Test
    void itSaysHowSlowlyItGotOn() {
        lastsFor(1024, BODY);
        assertThat(patience.words())
                .isEqualTo("gets on too slowly: 29952 bytes in 29 s, wanted 3276 a second");
    }

    @Test
    void aFewBytesBeforeASilenceAreNoPace() {
        lastsFor(5, 5);
        lastsFor(0, BODY);
        assertThat(patience.words()).isEqualTo("has not answered for 20 s");
    }
}
