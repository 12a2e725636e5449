package dev.holdfast.cli.config;

import dev.holdfast.cli.argument.Spelling;
import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Reads a configuration file.
public final class ConfigFile {
    /// Ten times as many databases as can be named fit into it.
    static final int MAX_BYTES = 1 << 20;

    private ConfigFile() {}

    /// What the file says. Throws `BadConfigFile` with all that is wrong in it.
    ///
    /// @param environment the variables that values may name
    public static Config read(Path file, Map<String, String> environment) {
        return read(file, environment, NamedFiles.LEFT_ALONE);
    }

    /// As [#read], and looks at the files that it names.
    public static Config check(Path file, Map<String, String> environment) {
        return read(file, environment, NamedFiles.LOOKED_AT);
    }

    private static Config read(Path file, Map<String, String> environment, NamedFiles files) {
        Spelling.checkPlace(file);
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        return parse(file.toString(), folder, bytes(file), environment, files);
    }

    private static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new SidecarException.BadUsage(
                        "the configuration file %s is too large: wanted at most %,d bytes"
                                .formatted(file, MAX_BYTES),
                        "Name another file, or write several.");
            }
            return bytes;
        } catch (IOException e) {
            throw new SidecarException.BadUsage(
                    "can't read the configuration file " + file + ": " + IoReason.withoutFile(e),
                    "Check the path given to --config, or in HOLDFAST_CONFIG.");
        }
    }

    /// As [#read], of what stands in it.
    ///
    /// @param file as it is named in problems
    /// @param folder what is not absolute is meant from there
    static Config parse(String file, Path folder, byte[] bytes, Map<String, String> environment) {
        return parse(file, folder, bytes, environment, NamedFiles.LEFT_ALONE);
    }

    private static Config parse(
            String file,
            Path folder,
            byte[] bytes,
            Map<String, String> environment,
            NamedFiles files) {
        Problems problems = new Problems(file);
        Optional<YamlNode> root = YamlParser.parse(text(bytes, problems), problems);
        if (root.isEmpty()) {
            problems.add(
                    LineColumn.BEGINNING,
                    "there is nothing in it",
                    "Write databases: and below it, for each, - path: and to:.");
            throw problems.toException();
        }
        Config config =
                new ConfigReader(file, folder, environment, problems, files).read(root.get());
        problems.check();
        return config;
    }

    private static String text(byte[] bytes, Problems problems) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            problems.add(firstUnreadable(bytes), "not UTF-8 text", "Save the file in UTF-8.");
            throw problems.toException();
        }
    }

    /// Java says where only for a part of it; what can't be decoded becomes U+FFFD.
    private static LineColumn firstUnreadable(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        String before = text.substring(0, text.indexOf('\ufffd'));
        int lineBegin = before.lastIndexOf('\n') + 1;
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        return new LineColumn(line, 1 + before.codePointCount(lineBegin, before.length()));
    }
}
