package dev.holdfast.format.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

final class NearestNameTest {
    private static final List<String> KNOWN = List.of("ca", "region", "endpoint", "storage-class");

    @ParameterizedTest
    @CsvSource({
        "regoin, region",
        "end-point, endpoint",
        "storageclas, storage-class",
        "endpoint, endpoint"
    })
    void fewWrongLettersAreForgiven(String found, String meant) {
        assertThat(NearestName.of(found, KNOWN)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"x", "c", "versioning", "reg"})
    void whatIsFarFromAllIsNone(String found) {
        assertThat(NearestName.of(found, KNOWN)).isEmpty();
    }

    @Test
    void nothingIsNearWhereNothingIsKnown() {
        assertThat(NearestName.of("region", List.of())).isEmpty();
    }
}
