package dev.holdfast.replicator.protocol;

import java.util.List;

/// The shortest way to what must not be.
///
/// @param broken what is wrong at its end
record Trace(List<Step> steps, Broken broken) {
    record Step(String what, State state) {}

    Trace {
        steps = List.copyOf(steps);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(broken.text()).append('\n');
        for (int i = 0; i < steps.size(); i++) {
            text.append(
                    "%4d. %s%n       %s%n"
                            .formatted(i + 1, steps.get(i).what(), steps.get(i).state()));
        }
        return text.toString();
    }
}
