package dev.holdfast.replicator.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Tries all interleavings, breadth first, so that a counterexample is a shortest one.
final class Explorer {
    private final Bounds bounds;
    private final WriterSteps writer;
    private final AppSteps app = new AppSteps();
    private final HoldfastSteps holdfast;
    private final Map<State, Integer> numbers = new HashMap<>();
    private final List<State> states = new ArrayList<>();
    private final Edges edges = new Edges();
    private int[] parents = new int[1024];

    Explorer(Bounds bounds, Set<Flaw> flaws) {
        this.bounds = bounds;
        this.writer = new WriterSteps(bounds.transactions());
        this.holdfast = new HoldfastSteps(flaws);
    }

    /// All that can be reached from `initial`. Ends at the first broken invariant.
    Exploration explore(State initial) {
        int root = number(initial, 0);
        for (int i = root; i < states.size(); i++) {
            Optional<Trace> broken = expand(i);
            if (broken.isPresent()) {
                return new Exploration(states.size(), broken);
            }
        }
        Optional<Trace> stuck =
                stuck(Invariants::isCheckpointerDone, Broken.WAITS)
                        .or(() -> stuck(Invariants::isReset, Broken.GROWS));
        return new Exploration(states.size(), stuck);
    }

    private Optional<Trace> expand(int from) {
        State before = states.get(from);
        List<Trace> found = new ArrayList<>();
        addMoves(
                (kind, what, next) -> {
                    int to = number(next, from);
                    if (kind == Moves.Kind.STEP) {
                        edges.add(from, to);
                    }
                    Optional<Broken> broken =
                            found.isEmpty() ? Invariants.broken(before, next) : Optional.empty();
                    if (broken.isPresent()) {
                        found.add(trace(from, new Trace.Step(what, next), broken.get()));
                    }
                },
                before);
        return found.stream().findFirst();
    }

    private void addMoves(Moves moves, State state) {
        writer.addTo(moves, state);
        if (bounds.hasReader()) {
            ReaderSteps.addTo(moves, state);
        }
        app.addTo(moves, state);
        holdfast.addTo(moves, state);
    }

    private int number(State state, int parent) {
        int next = states.size();
        Integer known = numbers.putIfAbsent(state, next);
        if (known != null) {
            return known;
        }
        states.add(state);
        if (next == parents.length) {
            parents = Arrays.copyOf(parents, 2 * next);
        }
        parents[next] = parent;
        return next;
    }

    /// The first state from which no steps lead to a goal, without faults and with endless
    /// patience.
    private Optional<Trace> stuck(Predicate<State> isGoal, Broken broken) {
        BitSet goals = new BitSet(states.size());
        for (int i = 0; i < states.size(); i++) {
            goals.set(i, isGoal.test(states.get(i)));
        }
        int stuck = edges.thatLeadTo(goals, states.size()).nextClearBit(0);
        return stuck == states.size()
                ? Optional.empty()
                : Optional.of(trace(stuck, Optional.empty(), broken));
    }

    private Trace trace(int to, Trace.Step last, Broken broken) {
        return trace(to, Optional.of(last), broken);
    }

    private Trace trace(int to, Optional<Trace.Step> last, Broken broken) {
        List<Trace.Step> steps = new ArrayList<>(last.stream().toList());
        for (int i = to; i != 0; i = parents[i]) {
            State state = states.get(i);
            List<String> names = new ArrayList<>();
            addMoves(
                    (_, what, next) -> {
                        if (next.equals(state)) {
                            names.add(what);
                        }
                    },
                    states.get(parents[i]));
            steps.add(new Trace.Step(names.getFirst(), state));
        }
        Collections.reverse(steps);
        return new Trace(steps, broken);
    }
}
