package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;

final class AmountsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "1, 1 byte",
        "999, 999 bytes",
        "1000, 1.00 kB",
        "1234, 1.23 kB",
        "9994, 9.99 kB",
        "9995, 10.0 kB",
        "99949, 99.9 kB",
        "99950, 100 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "999999, 1.00 MB",
        "1073741824, 1.07 GB",
        "999499999999, 999 GB",
        "999500000000, 1.00 TB",
        "9223372036854775807, 9.22 EB"
    })
    void sizesHaveThreeDigits(long bytes, String text) {
        assertThat(Amounts.size(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 commits", "1, 1 commit", "12345, '12,345 commits'"})
    void countsHaveSeparators(long count, String text) {
        assertThat(Amounts.count(count, "commit", "commits")).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "-5, 0 ms",
        "0, 0 ms",
        "1, 1 ms",
        "999, 999 ms",
        "1000, 1.0 s",
        "12345, 12.3 s",
        "59999, 59.9 s",
        "60000, 1 min",
        "200000, 3 min 20 s",
        "3599999, 59 min 59 s",
        "3600000, 1 h",
        "18180000, 5 h 3 min",
        "86400000, 1 d",
        "187200000, 2 d 4 h",
        "100000000000000, '1,157,407 d 9 h'"
    })
    void durationsHaveTwoUnitsAtMost(long millis, String text) {
        assertThat(Amounts.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
