package dev.holdfast.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.format.failure.SidecarException.BadConfig;
import dev.holdfast.storage.bucket.LocationOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class S3PlaceTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket",
                "s3://my.bucket-1/a/b_c/d.e",
                "s3://bucket/p?region=eu-central-1",
                "s3://bucket/p?endpoint=http://127.0.0.1:9000",
                "s3://bucket/p?endpoint=https://minio.example&path-style=false",
                "s3://bucket/p?path-style=true&sse=AES256&storage-class=STANDARD_IA",
                "s3://bucket?region=a&sse=aws:kms&kms-key=arn:aws:kms:eu-west-1:1:key/x&ca=/a%20b.pem",
                "s3://bucket/p?credentials=/run/secrets/bucket&profile=%25%2B%40b"
            })
    void whatIsToldIsReadBack(String url) {
        S3Place place = S3Place.parse(url);
        assertThat(place.toString()).isEqualTo(url);
        assertThat(S3Place.parse(place.toString())).isEqualTo(place);
    }

    @ParameterizedTest
    @CsvSource({
        "S3://bucket/p/, s3://bucket/p",
        "s3://bucket/, s3://bucket",
        "s3://bucket/p?, s3://bucket/p",
        "s3://bucket?endpoint=http://h:1/, s3://bucket?endpoint=http://h:1",
        "s3://bucket?path-style=false, s3://bucket",
        "s3://bucket?endpoint=http://h&path-style=true, s3://bucket?endpoint=http://h",
        "s3://bucket?ca=/a/../b%2B.pem&region=x, s3://bucket?region=x&ca=/b%2B.pem"
    })
    void onePlaceIsToldInOneWay(String url, String told) {
        assertThat(S3Place.parse(url).toString()).isEqualTo(told);
    }

    @Test
    void anOptionIsAddedAsItIsRead() {
        String url = LocationOptions.withOption("s3://bucket/a", "sse", "aws:kms");
        String both = LocationOptions.withOption(url, "kms-key", "a&b=%+ ü");
        assertThat(S3Place.parse(both).options().encryption()).contains("aws:kms");
        assertThat(S3Place.parse(both).options().kmsKey()).contains("a&b=%+ ü");
        assertThat(S3Place.parse(LocationOptions.withOption("s3://bucket?", "region", "eu")))
                .isEqualTo(S3Place.parse("s3://bucket?region=eu"));
        assertThat(S3Place.optionNames()).contains("sse", "kms-key", "region");
    }

    @Test
    void namesAreKeysUnderThePrefix() {
        S3Place place = S3Place.parse("s3://bucket/a/b");
        assertThat(place.key("log/1")).isEqualTo("a/b/log/1");
        assertThat(place.name("a/b/log/1")).isEqualTo("log/1");
        assertThat(S3Place.parse("s3://bucket").key("log/1")).isEqualTo("log/1");
    }

    @ParameterizedTest
    @CsvSource({
        "https://s3.eu-central-1.amazonaws.com, '', true",
        "http://s3.eu-central-1.amazonaws.com, '', true",
        "https://s3.eu-central-1.amazonaws.com:443, '', true",
        "https://s3.amazonaws.com, '', true",
        "https://S3.Amazonaws.Com, '', true",
        "https://s3-eu-west-1.amazonaws.com, '', true",
        "https://s3.us-gov-west-1.amazonaws.com, '', true",
        "https://s3.dualstack.eu-central-1.amazonaws.com, '', true",
        "https://s3-fips.dualstack.us-east-1.amazonaws.com, '', true",
        "https://s3-accelerate.amazonaws.com, '', true",
        "https://s3.cn-north-1.amazonaws.com.cn, '', true",
        "https://bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com, '', true",
        "https://s3.eu-central-1.amazonaws.com, https://s3.dualstack.eu-west-1.amazonaws.com, true",
        "https://s3.eu-central-1.amazonaws.com:9000, '', false",
        "https://s3-minio.elb.eu-central-1.amazonaws.com, '', false",
        "https://ec2-10-0-0-1.eu-central-1.compute.amazonaws.com, '', false",
        "https://s3.example, '', false",
        "https://h, https://h:443, true",
        "https://h, https://H/, true",
        "http://h, http://h:80, true",
        "https://h, https://h:9000, false",
        "https://h:80, http://h, true",
        "https://h, http://h, false",
        "https://h, https://g, false"
    })
    void oneServerIsKnownByAllOfItsNames(String one, String other, boolean isSame) {
        S3Place first = S3Place.parse("s3://bucket/a?endpoint=" + one);
        S3Place second =
                S3Place.parse("s3://bucket/a" + (other.isEmpty() ? "" : "?endpoint=" + other));
        assertThat(first.overlaps(second)).isEqualTo(isSame);
        assertThat(second.overlaps(first)).isEqualTo(isSame);
        assertThat(S3Place.parse("s3://bucket/b").overlaps(first)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3:bucket",
                "s3:/bucket",
                "s3://",
                "s3://b",
                "s3:///prefix",
                "s3://Bucket/p",
                "s3://bucket:9000/p",
                "s3://bucket//p",
                "s3://bucket/p//q",
                "s3://bucket/.p",
                "s3://bucket/../p",
                "s3://bucket/a b",
                "s3://bucket/p#x",
                "s3://bucket?region=",
                "s3://bucket?region=EU West",
                "s3://bucket?region=a&region=b",
                "s3://bucket?endpoint=minio:9000",
                "s3://bucket?endpoint=http://h/path",
                "s3://bucket?endpoint=http://h:99999",
                "s3://bucket?endpoint=http://h:0",
                "s3://bucket?path-style=yes",
                "s3://bucket?sse=aes",
                "s3://bucket?kms-key=x",
                "s3://bucket?ca=%zz",
                "s3://bucket?credentials=%00",
                "s3://bucket?profile=a%20b",
                "s3://bucket?profile=[a]",
                "s3://bucket?storage-class=DEEP_ARCHIVE"
            })
    void allElseIsRefusedWithAHint(String url) {
        assertThatThrownBy(() -> S3Place.parse(url))
                .isInstanceOfSatisfying(BadConfig.class, e -> assertThat(e.remedy()).isNotEmpty());
    }

    @Test
    void whatANameMustBeIsSaid() {
        assertThatThrownBy(() -> S3Place.parse("s3://b?x=y"))
                .hasMessage(
                        "not the name of a bucket: found \"b\", wanted 3 to 63 lower-case letters,"
                                + " digits, dots and hyphens, with a letter or digit at both ends");
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> S3Place.parse("s3://bucket?end-point=x"))
                .hasMessage("no option of an s3: location is called \"end-point\"")
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.remedy()).startsWith("Write endpoint=…,"));
        assertThatThrownBy(() -> S3Place.parse("s3://bucket?regoin=x"))
                .isInstanceOfSatisfying(
                        BadConfig.class, e -> assertThat(e.remedy()).startsWith("Write region=…,"));
    }

    @Test
    void anOptionThatIsNearToNoneIsAnsweredWithAll() {
        for (String name : new String[] {"x", "versioning"}) {
            assertThatThrownBy(() -> S3Place.parse("s3://bucket?" + name + "=1"))
                    .isInstanceOfSatisfying(
                            BadConfig.class,
                            e ->
                                    assertThat(e.remedy())
                                            .startsWith("Leave it out; there are [endpoint,"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://AKIA:hunter2@bucket/p",
                "s3://AKIA:hunter2/and-more@bucket/p",
                "s3://AKIA:hunter2/p",
                "s3://bucket/hunter2@p",
                "s3://bucket?secret-key=hunter2",
                "s3://bucket?endpoint=http://AKIA:hunter2@h",
                "s3://bucket?sse=hunter2"
            })
    void aSecretInTheWrongPlaceIsRefusedAndNotRepeated(String url) {
        assertThatThrownBy(() -> S3Place.parse(url))
                .isInstanceOfSatisfying(
                        BadConfig.class,
                        e -> assertThat(e.getMessage() + e.remedy()).doesNotContain("hunter2"));
    }
}
