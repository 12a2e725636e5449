package dev.holdfast.cli.config;

import java.util.List;

/// What stands in a YAML file: texts, and lists and maps of them. A text has no other type than the
/// one who reads it gives it: `30`, `"30"` and `30s` are texts.
sealed interface YamlNode {
    LineColumn at();

    /// One value, or a key.
    ///
    /// @param value without quotes; empty where nothing was written
    record Text(LineColumn at, String value) implements YamlNode {}

    record Items(LineColumn at, List<YamlNode> nodes) implements YamlNode {
        public Items {
            nodes = List.copyOf(nodes);
        }
    }

    /// Keys with their values.
    ///
    /// @param entries in the order of the file; a key may come twice
    record Entries(LineColumn at, List<Entry> entries) implements YamlNode {
        public Entries {
            entries = List.copyOf(entries);
        }
    }

    /// What can't be used, of which a problem was told already.
    record Unusable(LineColumn at) implements YamlNode {}

    /// A key and its value.
    record Entry(Text key, YamlNode value) {}
}
