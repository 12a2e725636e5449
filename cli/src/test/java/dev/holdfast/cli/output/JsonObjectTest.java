package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

final class JsonObjectTest {
    @Test
    void membersKeepTheirOrder() {
        JsonObject object =
                new JsonObject().put("tx", 5).put("durable", true).put("rate", 0.5).put("a", "b");
        assertThat(object).hasToString("{\"tx\":5,\"durable\":true,\"rate\":0.5,\"a\":\"b\"}");
    }

    @Test
    void anObjectWithoutMembersIsAnObject() {
        assertThat(new JsonObject()).hasToString("{}");
    }

    @Test
    void whatIsAbsentIsNull() {
        JsonObject object =
                new JsonObject()
                        .put("text", (String) null)
                        .put("number", (Long) null)
                        .put("time", (Instant) null)
                        .put("object", (JsonObject) null);
        assertThat(object)
                .hasToString("{\"text\":null,\"number\":null,\"time\":null,\"object\":null}");
    }

    @Test
    void objectsAndArraysNest() {
        JsonObject object =
                new JsonObject()
                        .put("one", new JsonObject().put("x", 1))
                        .put("many", List.of(new JsonObject(), new JsonObject().put("y", 2)))
                        .put("none", List.of())
                        .putTexts("texts", List.of("a", "\""));
        assertThat(object)
                .hasToString(
                        "{\"one\":{\"x\":1},\"many\":[{},{\"y\":2}],\"none\":[],"
                                + "\"texts\":[\"a\",\"\\\"\"]}");
    }

    @Test
    void whatJsonForbidsInStringsIsEscaped() {
        assertThat(quoted("\"\\\n\r\t\u0000\u001f\u007f"))
                .isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f\"");
    }

    @Test
    void whatJsonAllowsStaysAsItIs() {
        assertThat(quoted("a/b ü 漢 😀")).isEqualTo("\"a/b ü 漢 😀\"");
    }

    @Test
    void halfASurrogatePairIsEscapedSoThatTheTextIsUtf8() {
        String text = quoted("\ud83d x \ude00 \ud83d\ude00 \ud83d");
        assertThat(text).isEqualTo("\"\\ud83d x \\ude00 😀 \\ud83d\"");
        assertThat(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @Test
    void timesAreRfc3339WithMicroseconds() {
        JsonObject object =
                new JsonObject().put("time", Instant.parse("2026-03-01T12:00:00.123456789Z"));
        assertThat(object).hasToString("{\"time\":\"2026-03-01T12:00:00.123456Z\"}");
    }

    @Test
    void aNameIsPutOnce() {
        assertThatThrownBy(() -> new JsonObject().put("a", 1).put("a", 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void numbersThatJsonCannotSayAreRefused() {
        assertThatThrownBy(() -> new JsonObject().put("rate", Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder();
        JsonText.appendQuoted(text, value);
        return text.toString();
    }
}
