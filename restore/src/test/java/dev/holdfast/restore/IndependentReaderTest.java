package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.format.Codec;
import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.PageSize;
import dev.holdfast.storage.FileObjectStore;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Sealing;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Holds our reader against `tests/independent_restore.py`, which was written from `docs/format.md`
/// alone.
///
/// Which Python is said by `-Dpython=`; one that was named must have the package zstandard, the
/// default one may lack it, and then nothing is tested here. `./dev check` names one.
final class IndependentReaderTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final String PYTHON = System.getProperty("holdfast.python", "python3");
    private static final Path SCRIPT =
            Path.of(System.getProperty("holdfast.root", ".."), "tests/independent_restore.py");

    @TempDir private Path folder;

    private record Run(int exitCode, String output) {}

    @BeforeEach
    void aPythonIsThere() throws IOException, InterruptedException {
        boolean isDefault = PYTHON.equals("python3");
        assumeTrue(!isDefault || run(List.of(PYTHON, "-c", "import zstandard")).exitCode() == 0);
    }

    private Run run(List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        int exitCode = process.waitFor();
        return new Run(exitCode, Files.readString(output, StandardCharsets.UTF_8));
    }

    private Run restore(Path archive, Path out, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(PYTHON, SCRIPT.toString(), archive.toString(), out.toString()));
        command.addAll(List.of(more));
        return run(command);
    }

    @ParameterizedTest
    @CsvSource({"ZSTD,512", "LZ4,512", "ZSTD,4096", "LZ4,65536"})
    void itRestoresEveryTransactionAsWeDo(Codec codec, int pageSize)
            throws IOException, InterruptedException {
        Path root = folder.resolve("archive");
        try (ObjectStore store = FileObjectStore.openForWriting(root);
                TestArchive archive =
                        TestArchive.ofEverything(store, SEED, new PageSize(pageSize), codec)) {
            for (long tx = 1; tx <= archive.lastTx(); tx++) {
                Path out = folder.resolve(tx + ".db");
                Run run = restore(root, out, "--tx", String.valueOf(tx));
                assertThat(run.exitCode()).as(run.output()).isZero();
                assertThat(Files.readAllBytes(out))
                        .as("transaction %d", tx)
                        .isEqualTo(archive.database(tx))
                        .isEqualTo(Restores.bytes(store, new Target.AtTx(tx), folder));
            }
            Path latest = folder.resolve("latest.db");
            assertThat(restore(root, latest).exitCode()).isZero();
            assertThat(Files.readAllBytes(latest)).isEqualTo(archive.database(archive.lastTx()));
        }
    }

    @ParameterizedTest
    @CsvSource({"ZSTD,512", "LZ4,4096"})
    void itRestoresWhatIsEncryptedAsWeDo(Codec codec, int pageSize)
            throws IOException, InterruptedException {
        assumeCryptography();
        Path root = folder.resolve("archive");
        Identity reader = Identity.generate();
        Path identity = Files.writeString(folder.resolve("reader.key"), reader.secret() + "\n");
        Path other =
                Files.writeString(
                        folder.resolve("other.key"), "# other\n" + Identity.generate().secret());
        Sealing sealing = new Sealing(List.of(Identity.generate().recipient(), reader.recipient()));
        try (ObjectStore store = FileObjectStore.openForWriting(root);
                TestArchive archive =
                        TestArchive.ofEverything(
                                store, SEED, new PageSize(pageSize), codec, sealing)) {
            for (long tx = 1; tx <= archive.lastTx(); tx += 3) {
                Path out = folder.resolve(tx + ".db");
                Run run = restore(root, out, "--tx", "" + tx, "--identity", identity.toString());
                assertThat(run.exitCode()).as(run.output()).isZero();
                assertThat(Files.readAllBytes(out))
                        .as("transaction %d", tx)
                        .isEqualTo(archive.database(tx))
                        .isEqualTo(
                                Restores.bytes(
                                        store, new Target.AtTx(tx), folder, List.of(reader)));
            }
            for (String[] wrong : new String[][] {{}, {"--identity", other.toString()}}) {
                Path out = folder.resolve("wrong.db");
                Run run = restore(root, out, wrong);
                assertThat(run.exitCode()).isNotZero();
                assertThat(run.output()).contains("no identity that was given opens it");
                assertThat(out).doesNotExist();
            }
        }
    }

    private void assumeCryptography() throws IOException, InterruptedException {
        boolean isDefault = PYTHON.equals("python3");
        assumeTrue(!isDefault || run(List.of(PYTHON, "-c", "import cryptography")).exitCode() == 0);
    }

    @Test
    void itRefusesWhatIsNotThere() throws IOException, InterruptedException {
        Path root = folder.resolve("archive");
        try (ObjectStore store = FileObjectStore.openForWriting(root);
                TestArchive archive =
                        TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD)) {
            Path out = folder.resolve("out.db");
            for (long tx : new long[] {0, archive.lastTx() + 1}) {
                Run run = restore(root, out, "--tx", String.valueOf(tx));
                assertThat(run.exitCode()).isNotZero();
                assertThat(run.output()).startsWith("error: there is no transaction " + tx);
                assertThat(out).doesNotExist();
            }
        }
    }

    @Test
    void itNeverTakesTheLastThatIsLeftOfALogForTheNewest()
            throws IOException, InterruptedException {
        StoredObjects good = KnownArchive.write(SEED, Codec.ZSTD, Codec.LZ4).objects();
        StoredObjects cut = good.without(ObjectNames.log(9)).without(ObjectNames.log(7));
        Path root = folder.resolve("archive");
        try (ObjectStore store = FileObjectStore.openForWriting(root)) {
            cut.writeTo(store);
            Path out = folder.resolve("out.db");
            Run newest = restore(root, out);
            assertThat(newest.exitCode()).isNotZero();
            assertThat(newest.output())
                    .startsWith("error: the archive is damaged: " + ObjectNames.log(7));
            assertThat(out).doesNotExist();
            // What is left of it can be had by its number
            assertThat(restore(root, out, "--tx", "4").exitCode()).isZero();
            assertThat(Files.readAllBytes(out))
                    .isEqualTo(Restores.bytes(good.store(), new Target.AtTx(4), folder));
        }
    }

    @Test
    void itRefusesDamageInOneLineOrRestoresTheRightDatabase()
            throws IOException, InterruptedException {
        StoredObjects good = StoredObjects.ofEverything(SEED, Codec.ZSTD);
        byte[] wanted = Restores.bytes(good.store(), new Target.Latest(), folder);
        SplittableRandom random = new SplittableRandom(SEED);
        for (String name : good.names()) {
            for (int i = 0; i < 4; i++) {
                int bit = random.nextInt(8 * good.get(name).length);
                Path root = folder.resolve(name.replace('/', '-') + "-" + bit);
                try (ObjectStore store = FileObjectStore.openForWriting(root)) {
                    good.withFlippedBit(name, bit).writeTo(store);
                }
                Path out = folder.resolve("out.db");
                Run run = restore(root, out);
                if (run.exitCode() == 0) {
                    assertThat(Files.readAllBytes(out))
                            .as("bit %d of %s", bit, name)
                            .isEqualTo(wanted);
                    Files.delete(out);
                } else {
                    assertThat(run.output())
                            .startsWith("error: the archive is damaged: ")
                            .hasLineCount(1);
                    assertThat(out).doesNotExist();
                }
            }
        }
    }
}
