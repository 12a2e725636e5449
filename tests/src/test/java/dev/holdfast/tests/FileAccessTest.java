package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.foreign.Linker;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Row 16 of the acceptance matrix, before anything runs: no code but that which is named here
/// opens a file or a database at all.
///
/// A second descriptor on the live database or on its `-shm` drops SQLite's locks when it is
/// closed, and no test of that code alone would notice. So who opens files is a list, and a new
/// entry must say why it can't be the database's.
final class FileAccessTest {
    private static final Path ROOT =
            Path.of(System.getProperty("holdfast.root", "..")).toAbsolutePath().normalize();

    /// Who opens something, and what.
    private static final Map<String, String> OPENERS =
            Map.ofEntries(
                    Map.entry("dev/holdfast/replicator/LiveDatabase", "the database and -shm"),
                    Map.entry("dev/holdfast/replicator/SqliteConnection", "for LiveDatabase"),
                    Map.entry("dev/holdfast/replicator/ShmLocks", "-shm, for LiveDatabase"),
                    Map.entry("dev/holdfast/replicator/Rehearsal", "a scratch database of its own"),
                    Map.entry("dev/holdfast/replicator/DatabaseLook", "before it is attached"),
                    Map.entry("dev/holdfast/wal/WalFile", "-wal, which carries no locks"),
                    Map.entry("dev/holdfast/replicator/SpoolStatus", "the spool"),
                    Map.entry("dev/holdfast/storage/state/StateFolder", "the state folder"),
                    Map.entry("dev/holdfast/storage/state/IdentityFile", "the state folder"),
                    Map.entry("dev/holdfast/storage/state/PagesFile", "the state folder"),
                    Map.entry("dev/holdfast/storage/state/FileBeginning", "the state folder"),
                    Map.entry("dev/holdfast/storage/state/FlushRequest", "the state folder"),
                    Map.entry("dev/holdfast/storage/FileObjectStore", "the archive"),
                    Map.entry("dev/holdfast/storage/bucket/LocationFiles", "certificates, by --to"),
                    Map.entry("dev/holdfast/storage/FileActions", "the archive, state, spool"),
                    Map.entry("dev/holdfast/restore/TargetFile", "a file that did not exist"),
                    Map.entry("dev/holdfast/cli/Main", "standard error"),
                    Map.entry("dev/holdfast/cli/config/ConfigFile", "before anything is followed"),
                    Map.entry("dev/holdfast/cli/argument/KeyFile", "keys, by their options"),
                    Map.entry("dev/holdfast/cli/output/StandardOutput", "standard output"),
                    Map.entry("dev/holdfast/cli/demo/DemoAgent", "in a process of its own"),
                    Map.entry("dev/holdfast/cli/demo/RestoredDatabase", "after it is let go of"));

    private static final Pattern OPENING =
            Pattern.compile(
                    String.join(
                            "|",
                            "java/nio/channels/(Asynchronous)?FileChannel\\.open",
                            "java/nio/file/Files\\.(newByteChannel|newInputStream|newOutputStream"
                                    + "|newBufferedReader|newBufferedWriter|readAllBytes|readString"
                                    + "|readAllLines|lines|write|writeString|copy|mismatch)",
                            "java/io/(FileInputStream|FileOutputStream|RandomAccessFile|FileReader"
                                    + "|FileWriter)\\.<init>",
                            "java/(util/zip/ZipFile|util/jar/JarFile|util/Scanner)\\.<init>",
                            "java/sql/DriverManager\\.getConnection",
                            "org/sqlite/.*\\.(createConnection|getConnection)",
                            "java/lang/foreign/Linker\\.(nativeLinker|downcallHandle)"));

    @Test
    void onlyTheNamedClassesOpenFiles() throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path type : mainClasses()) {
            ClassModel model = ClassFile.of().parse(type);
            if (opensSomething(model)) {
                // A nested class counts as the one around it
                found.add(model.thisClass().asInternalName().replaceFirst("\\$.*", ""));
            }
        }
        assertThat(found)
                .as("classes that open files: a new one must not be able to open the database")
                .containsExactlyInAnyOrderElementsOf(OPENERS.keySet());
    }

    @Test
    void theScanFindsWhatItLooksFor() throws IOException {
        String self = FileAccessTest.class.getName().replace('.', '/') + ".class";
        Path folder = ROOT.resolve("tests/target/test-classes");
        assertThat(opensSomething(ClassFile.of().parse(folder.resolve(self)))).isFalse();
        Path image = folder.resolve("dev/holdfast/tests/harness/DatabaseImage.class");
        assertThat(opensSomething(ClassFile.of().parse(image))).isTrue();
        assertThat(ByReference.OPENER).isNotNull();
        Path byReference = folder.resolve(ByReference.class.getName().replace('.', '/') + ".class");
        assertThat(opensSomething(ClassFile.of().parse(byReference))).isTrue();
    }

    /// Hands on what opens something, and calls nothing.
    private static final class ByReference {
        static final Supplier<Linker> OPENER = Linker::nativeLinker;
    }

    private static List<Path> mainClasses() throws IOException {
        Stream.Builder<Path> folders = Stream.builder();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(ROOT, Files::isDirectory)) {
            for (Path module : modules) {
                if (Files.isDirectory(module.resolve("src/main/java"))) {
                    folders.add(module.resolve("target/classes"));
                }
            }
        }
        List<Path> classes = folders.build().flatMap(FileAccessTest::classesIn).toList();
        assertThat(classes).hasSizeGreaterThan(50);
        return classes;
    }

    private static Stream<Path> classesIn(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class")).toList().stream();
        } catch (IOException e) {
            throw new AssertionError("the modules are not compiled", e);
        }
    }

    private static boolean opensSomething(ClassModel type) {
        return type.methods().stream()
                .map(MethodModel::code)
                .flatMap(java.util.Optional::stream)
                .flatMap(CodeModel::elementStream)
                .anyMatch(FileAccessTest::isOpening);
    }

    /// Called here, or handed on as a method reference.
    private static boolean isOpening(CodeElement element) {
        return switch (element) {
            case InvokeInstruction invoke ->
                    isOpening(invoke.owner().asInternalName(), invoke.name().stringValue());
            case InvokeDynamicInstruction invoke ->
                    invoke.bootstrapArgs().stream().anyMatch(FileAccessTest::isOpening);
            default -> false;
        };
    }

    private static boolean isOpening(ConstantDesc argument) {
        return argument instanceof DirectMethodHandleDesc handle
                && isOpening(internalName(handle.owner()), handle.methodName());
    }

    private static String internalName(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1);
    }

    private static boolean isOpening(String owner, String method) {
        return OPENING.matcher(owner + "." + method).matches();
    }
}
