package dev.holdfast.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

final class SmallestNamesTest {
    @RepeatedTest(50)
    void keepsTheFirstInOrderWhateverTheOrderTheyComeIn(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        int capacity = 1 + random.nextInt(20);
        List<String> all = new ArrayList<>();
        for (int i = random.nextInt(100); i > 0; i--) {
            all.add("%03d".formatted(i));
        }
        Collections.shuffle(all, random);
        SmallestNames names = new SmallestNames(capacity);
        all.forEach(names::add);
        all.sort(null);
        assertThat(names.sorted()).isEqualTo(all.subList(0, Math.min(capacity, all.size())));
        assertThat(names.isCut()).isEqualTo(all.size() > capacity);
    }
}
