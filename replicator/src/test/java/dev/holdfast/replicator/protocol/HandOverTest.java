package dev.holdfast.replicator.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;

/// Explores the protocol whole within bounds, and each way to break it until that shows.
final class HandOverTest {
    private static final System.Logger LOG = System.getLogger(HandOverTest.class.getName());

    static Stream<Bounds> bounds() {
        return Stream.of(
                new Bounds(Bounds.Setting.NEW, 3, 0, 0),
                new Bounds(Bounds.Setting.NEW_WITH_READER, 2, 0, 0),
                new Bounds(Bounds.Setting.NEW, 2, 1, 1));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void nothingIsLostOrInventedAndNobodyWaitsForever(Bounds bounds) {
        Exploration exploration = explore(bounds, Set.of());
        assertThat(exploration.counterexample()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void eachFlawHasACounterexample(Flaw flaw) {
        Exploration exploration = explore(flaw.bounds(), EnumSet.of(flaw));
        assertThat(exploration.counterexample())
                .hasValueSatisfying(trace ->
                        assertThat(trace.broken()).as(trace.toString()).isEqualTo(flaw.broken()));
    }

    private static Exploration explore(Bounds bounds, Set<Flaw> flaws) {
        long began = System.nanoTime();
        Exploration found = new Explorer(bounds, flaws).explore(bounds.initial());
        LOG.log(
                System.Logger.Level.INFO,
                "explored flaws={0} bounds={1} states={2} steps={3} millis={4}",
                flaws,
                bounds,
                found.states(),
                found.counterexample().map(trace -> trace.steps().size()).orElse(0),
                (System.nanoTime() - began) / 1_000_000);
        return found;
    }
}
