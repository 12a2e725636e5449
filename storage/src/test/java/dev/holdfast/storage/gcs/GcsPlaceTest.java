package dev.holdfast.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `gs://bucket/prefix`, as operators write it.
final class GcsPlaceTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gs://bucket",
                "gs://my_bucket.example/agents/one",
                "gs://bucket/a?project=my-project-1",
                "gs://bucket/a?endpoint=http://127.0.0.1:4443",
                "gs://bucket/a?endpoint=https://storage.example&credentials=none",
                "gs://bucket/a?ca=/etc/ca.pem&credentials=/etc/key.json",
                "gs://bucket/a?endpoint=http://localhost:4443&credentials=/etc/key.json"
            })
    void aUrlComesBackAsItWasWritten(String url) {
        assertThat(GcsPlace.parse(url)).hasToString(url);
    }

    @Test
    void anEmulatorIsToldNobodysName() {
        assertThat(GcsPlace.parse("gs://bucket?endpoint=http://host:1").options().isAnonymous())
                .isTrue();
        assertThat(GcsPlace.parse("gs://bucket?endpoint=https://host:1").options().isAnonymous())
                .isFalse();
        assertThat(GcsPlace.parse("gs://bucket").options().isAnonymous()).isFalse();
        assertThat(GcsPlace.parse("gs://bucket?credentials=none").options().isAnonymous()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gs://bucket?endpont=http://h  | no option of a gs: location is called "endpont"
                    gs://bucket?region=eu         | no option of a gs: location is called "region"
                    gs://bucket?project=          | the option project of a gs: location is empty
                    gs://bucket?project=A%20b     | the option project of a gs: location is no project's id
                    gs://bucket?endpoint=h:1      | the option endpoint of a gs: location is not the URL of a server
                    gs://bucket?endpoint=http://far:1&credentials=/k | credentials would be sent to an endpoint without TLS
                    gs://key@bucket/a             | not the URL of a bucket and a prefix in it
                    gs://Bucket                   | not the name of a bucket: found "Bucket", wanted 3 to 63 (with dots 222) lower-case letters, digits, dots, hyphens and underscores, with a letter or digit at both ends
                    gs://b:secret/a               | not the name of a bucket: there is a colon in it
                    gs://bucket/../a              | not a prefix for an archive: found "../a" in bucket bucket
                    """)
    void whatIsWrongIsNamed(String url, String message) {
        assertThatThrownBy(() -> GcsPlace.parse(url))
                .isInstanceOf(BadConfig.class)
                .hasMessage(message);
    }

    @Test
    void theNearestOptionIsNamed() {
        assertThatThrownBy(() -> GcsPlace.parse("gs://bucket?endpont=http://h"))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.remedy()).startsWith("Write endpoint=…"));
    }

    @ParameterizedTest
    @CsvSource({
        "gs://b-1/a, gs://b-1/a, true",
        "gs://b-1/a, gs://b-1/a/b, true",
        "gs://b-1, gs://b-1/a, true",
        "gs://b-1/a, gs://b-1/ab, false",
        "gs://b-1/a, gs://b-2/a, false",
        "gs://b-1/a, gs://b-1/a?endpoint=https://storage.googleapis.com, true",
        "gs://b-1/a, gs://b-1/a?endpoint=https://storage.europe-west3.rep.googleapis.com, true",
        "gs://b-1/a, gs://b-1/a?endpoint=http://127.0.0.1:4443, false",
        "gs://b-1/a?project=one, gs://b-1/a?credentials=none, true"
    })
    void placesThatOverlapAreKnown(String one, String other, boolean overlap) {
        assertThat(GcsPlace.parse(one).overlaps(GcsPlace.parse(other))).isEqualTo(overlap);
        assertThat(GcsPlace.parse(other).overlaps(GcsPlace.parse(one))).isEqualTo(overlap);
    }
}
