package dev.holdfast.tests.harness;

import java.nio.file.Path;
import java.util.List;

/// The libraries that stand for the applications of this world.
public enum WriterKind {
    PYTHON {
        @Override
        List<String> command(Path database, long seed) {
            Path script = Installation.ROOT.resolve("tests/src/test/python/agent_writer.py");
            return List.of(Installation.PYTHON, script.toString(), database.toString(), "" + seed);
        }
    },
    JDBC {
        @Override
        List<String> command(Path database, long seed) {
            return List.of(
                    Installation.JAVA.toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    Installation.CLASS_PATH,
                    "dev.holdfast.tests.writer.JdbcWriter",
                    database.toString(),
                    "" + seed);
        }
    };

    abstract List<String> command(Path database, long seed);
}
