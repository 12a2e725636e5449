package dev.holdfast.storage.s3;

import java.util.HashMap;
import java.util.Map;

/// Properties of the SDK, which stand for the variables of the environment; as they were before,
/// when this is closed.
final class SdkSettings implements AutoCloseable {
    private final Map<String, String> before = new HashMap<>();

    void set(String property, Object value) {
        before.putIfAbsent(property, System.getProperty(property, ""));
        System.setProperty(property, value.toString());
    }

    @Override
    public void close() {
        for (Map.Entry<String, String> each : before.entrySet()) {
            if (each.getValue().isEmpty()) {
                System.clearProperty(each.getKey());
            } else {
                System.setProperty(each.getKey(), each.getValue());
            }
        }
    }
}
