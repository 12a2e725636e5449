package dev.holdfast.replicator.protocol;

import java.util.Arrays;
import java.util.BitSet;

/// A graph of numbered states, as small as it gets: there are millions of edges.
final class Edges {
    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private int count;

    void add(int source, int target) {
        if (count == from.length) {
            from = Arrays.copyOf(from, count + count / 2);
            to = Arrays.copyOf(to, count + count / 2);
        }
        from[count] = source;
        to[count++] = target;
    }

    /// All nodes from which a goal can be reached, the goals included.
    BitSet thatLeadTo(BitSet goals, int nodes) {
        int[] firsts = new int[nodes + 1];
        for (int i = 0; i < count; i++) {
            firsts[to[i] + 1]++;
        }
        for (int i = 0; i < nodes; i++) {
            firsts[i + 1] += firsts[i];
        }
        int[] sources = new int[count];
        int[] filled = firsts.clone();
        for (int i = 0; i < count; i++) {
            sources[filled[to[i]]++] = from[i];
        }
        return backwards(goals, firsts, sources);
    }

    private static BitSet backwards(BitSet goals, int[] firsts, int[] sources) {
        BitSet reached = (BitSet) goals.clone();
        int[] queue = Arrays.copyOf(goals.stream().toArray(), firsts.length);
        int length = goals.cardinality();
        for (int i = 0; i < length; i++) {
            for (int j = firsts[queue[i]]; j < firsts[queue[i] + 1]; j++) {
                if (!reached.get(sources[j])) {
                    reached.set(sources[j]);
                    queue[length++] = sources[j];
                }
            }
        }
        return reached;
    }
}
