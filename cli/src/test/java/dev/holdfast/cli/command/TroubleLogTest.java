package dev.holdfast.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.command.TroubleLog.Told;
import dev.holdfast.replicator.FollowerEvent.Part;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

final class TroubleLogTest {
    private static final Part STORE = new Part.Store("memory");

    private static final Duration RETRY = Duration.ofMillis(500);

    private long now = Long.MAX_VALUE - 1000; // a steady clock may overflow
    private final TroubleLog log = new TroubleLog(() -> now);

    @Test
    void aLastingTroubleIsToldAtOnceAndThenAtGrowingDistances() {
        List<Duration> told = new ArrayList<>();
        for (Duration at = Duration.ZERO; at.toSeconds() < 200; at = at.plus(RETRY)) {
            if (happened(new Part.State(), "the disk is full").isPresent()) {
                told.add(at);
            }
            pass(RETRY);
        }
        assertThat(told)
                .containsExactly(
                        Duration.ZERO,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(100),
                        Duration.ofSeconds(160));
    }

    @Test
    void aRepetitionSaysHowOftenAndHowLong() {
        assertThat(happened(new Part.State(), "x")).contains(new Told("x", 1, Duration.ZERO));
        for (int i = 1; i < 20; i++) {
            pass(RETRY);
            assertThat(happened(new Part.State(), "x")).isEmpty();
        }
        pass(RETRY);
        assertThat(happened(new Part.State(), "x"))
                .contains(new Told("x", 21, Duration.ofSeconds(10)));
    }

    @Test
    void anotherTroubleIsToldAtOnce() {
        assertThat(happened(new Part.State(), "x")).isPresent();
        assertThat(happened(STORE, "y")).isPresent();
        assertThat(happened(new Part.State(), "x")).isEmpty();
        assertThat(log.last()).contains("x");
    }

    @Test
    void theEndIsToldOnceAfterItsPartHasWorkedForAWhile() {
        assertThat(happened(STORE, "x")).isPresent();
        pass(Duration.ofSeconds(1));
        assertThat(happened(STORE, "x")).isEmpty();
        log.worked(new Part.Database());
        assertThat(log.last()).contains("x");
        pass(Duration.ofSeconds(5));
        assertThat(log.over()).isEmpty();
        log.worked(STORE);
        assertThat(log.last()).isEmpty();
        assertThat(log.over()).containsExactly(new Told("x", 2, Duration.ofSeconds(6)));
        assertThat(log.over()).isEmpty();
        assertThat(log.isTroubled()).isFalse();
        assertThat(happened(STORE, "x")).isPresent();
    }

    @Test
    void whatFailsEveryOtherTimeIsOneTrouble() {
        int told = 0;
        for (int i = 0; i < 20; i++) {
            told += happened(STORE, "x").isPresent() ? 1 : 0;
            pass(RETRY);
            log.worked(STORE);
            assertThat(log.over()).isEmpty();
        }
        assertThat(told).isEqualTo(1);
    }

    @Test
    void whatIsNotSeenForLongIsOver() {
        assertThat(happened(new Part.Database(), "x")).isPresent();
        pass(Duration.ofSeconds(59));
        assertThat(log.over()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(log.over()).containsExactly(new Told("x", 1, Duration.ZERO));
    }

    @Test
    void wordsThatAlwaysChangeDoNotFillTheMemory() {
        for (int i = 0; i < 1000; i++) {
            assertThat(happened(new Part.Database(), "x" + i)).isPresent();
        }
        pass(Duration.ofMinutes(2));
        assertThat(log.over()).hasSize(16);
    }

    @Test
    void anOutageIsOneTroubleWhateverItsWordsAndIsOverWhenItEnds() {
        List<Told> told = new ArrayList<>();
        for (int attempts = 1; attempts <= 40; attempts++) {
            log.happened(STORE, "Start the server.", "after %d attempts".formatted(attempts))
                    .ifPresent(told::add);
            for (int second = 0; second < 20; second++) {
                assertThat(log.over()).isEmpty();
                pass(Duration.ofSeconds(1));
            }
        }
        assertThat(told).extracting(Told::what).containsOnly("after 1 attempts");
        assertThat(told).extracting(Told::times).startsWith(1L).doesNotHaveDuplicates();
        log.worked(STORE);
        assertThat(log.over())
                .containsExactly(
                        new Told("after 1 attempts", 40, Duration.ofMinutes(13).plusSeconds(20)));
        assertThat(log.isTroubled()).isFalse();
    }

    @Test
    void anotherCauseIsToldAtOnceAndTheFirstIsNotOverWhileThePartFails() {
        assertThat(happened(STORE, "can't be reached")).isPresent();
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(20));
            Optional<Told> told = happened(STORE, "access denied");
            if (i == 0) {
                assertThat(told).contains(new Told("access denied", 1, Duration.ZERO));
            }
            assertThat(log.over()).isEmpty();
        }
        pass(Duration.ofSeconds(60));
        assertThat(log.over())
                .extracting(Told::what)
                .containsExactlyInAnyOrder("can't be reached", "access denied");
    }

    @Test
    void aSnapshotThatFailsIsOverOnlyWhenOneIsStored() {
        Part snapshot = new Part.Snapshot("memory");
        assertThat(happened(snapshot, "x")).isPresent();
        pass(Duration.ofMinutes(5));
        assertThat(log.over()).isEmpty();
        log.worked(STORE);
        assertThat(log.over()).isEmpty();
        log.worked(snapshot);
        pass(Duration.ofSeconds(1));
        log.worked(snapshot);
        assertThat(log.over()).containsExactly(new Told("x", 1, Duration.ofMinutes(5)));
    }

    /// What always has the same words.
    private Optional<Told> happened(Part part, String what) {
        return log.happened(part, what, what);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
