package dev.holdfast.tests.bench;

import java.util.SplittableRandom;

/// Text of made-up words, few of them frequent and many rare, as in a language: zstd makes about
/// 0.4 of it.
final class Words {
    private static final int VOCABULARY = 4_000;

    private final SplittableRandom random;
    private final String[] words = new String[VOCABULARY];

    Words(SplittableRandom random) {
        this.random = random;
        for (int i = 0; i < VOCABULARY; i++) {
            StringBuilder word = new StringBuilder();
            int length = random.nextInt(2, 11);
            for (int j = 0; j < length; j++) {
                word.append((char) random.nextInt('a', 'z' + 1));
            }
            words[i] = word.append(' ').toString();
        }
    }

    /// About `length` characters.
    String text(int length) {
        StringBuilder text = new StringBuilder(length + 10);
        while (text.length() < length) {
            double rank = random.nextDouble();
            text.append(words[(int) (VOCABULARY * rank * rank * rank)]);
        }
        return text.toString();
    }
}
