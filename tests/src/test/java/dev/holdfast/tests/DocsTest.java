package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.SegmentHeader;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.ExitCode;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Holds the documents against the code: what they name must exist, and the tables that are
/// promises must be complete.
final class DocsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("holdfast.root", "..")).toAbsolutePath().normalize();

    /// Words in code font that name no class, because none may be called so.
    private static final Set<String> NO_CLASSES = Set.of("Manager", "Helper");

    private static final List<String> PLATFORM =
            List.of(
                    "java.io.",
                    "java.lang.",
                    "java.util.",
                    "java.time.",
                    "java.nio.channels.",
                    "sun.misc.");

    private static final Pattern CLASS =
            Pattern.compile("`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:\\.\\w+)?`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern EXIT_CODE_ROW =
            Pattern.compile("(?m)^\\| (\\d+) \\| ([A-Z_]+) \\|");

    @Test
    void everyExitCodeIsPublishedAndNoOther() throws IOException {
        List<String> published =
                EXIT_CODE_ROW
                        .matcher(read("docs/operations.md"))
                        .results()
                        .map(row -> row.group(1) + " " + row.group(2))
                        .toList();
        assertThat(published)
                .containsExactlyElementsOf(
                        Arrays.stream(ExitCode.values())
                                .map(code -> code.number() + " " + code.name())
                                .toList());
    }

    @Test
    void everyClassThatADocumentNamesExists() throws IOException {
        Set<String> classes = classes();
        assertThat(classes).contains("DocsTest");
        for (Path document : documents()) {
            assertThat(matches(CLASS, Files.readString(document)))
                    .as("classes that %s names", ROOT.relativize(document))
                    .filteredOn(name -> !NO_CLASSES.contains(name) && !isOfPlatform(name))
                    .isSubsetOf(classes);
        }
    }

    /// That they exist is held above.
    @Test
    void everyAcceptanceTestStandsInTheTableOfPromises() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("tests/src/test/java"))) {
            List<String> tests =
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.endsWith("Test.java"))
                            .map(name -> name.replace(".java", ""))
                            .toList();
            assertThat(tests).hasSizeGreaterThan(20);
            assertThat(matches(CLASS, read("tests/README.md"))).containsAll(tests);
        }
    }

    @Test
    void theRestoresOfTheReadmeCanBeDoneOneAfterTheOther() throws IOException {
        assertThat(matches(Pattern.compile("holdfast restore .*-o (\\S+)"), read("README.md")))
                .hasSizeGreaterThan(1)
                .doesNotHaveDuplicates();
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        for (Path document : documents()) {
            assertThat(matches(LINK, Files.readString(document)))
                    .as("links of %s", ROOT.relativize(document))
                    .allSatisfy(link -> assertThat(document.resolveSibling(link)).exists());
        }
    }

    @Test
    void theSizesOfTheFormatPageAreThoseOfTheCode() throws IOException {
        String page = read("docs/format.md");
        assertThat(page)
                .contains("`header (%d) | body (body length)".formatted(SegmentHeader.BYTES))
                .contains(
                        "`header (%d) | blocks | index | footer (%d)`"
                                .formatted(SnapshotHeader.BYTES, SnapshotFooter.BYTES))
                .contains("| record count | ≤ %,d |".formatted(SegmentHeader.MAX_RECORDS))
                .contains("| block count | ≤ %,d;".formatted(SnapshotFooter.MAX_BLOCKS))
                .contains("≤ %d MiB, ≥ 1 |".formatted(SnapshotHeader.MAX_BLOCK_BYTES >> 20));
    }

    private static String read(String document) throws IOException {
        return Files.readString(ROOT.resolve(document));
    }

    private static List<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String folder : List.of(".", "docs", "docs/decisions", "tests")) {
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(ROOT.resolve(folder).normalize(), "*.md")) {
                found.forEach(documents::add);
            }
        }
        assertThat(documents).hasSizeGreaterThan(5);
        return documents;
    }

    /// Names of all source files, nested types included by their declarations.
    private static Set<String> classes() throws IOException {
        Pattern type = Pattern.compile("\\b(?:class|record|enum|interface) (\\w+)");
        Set<String> classes = new TreeSet<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(ROOT, Files::isDirectory)) {
            for (Path module : modules) {
                Path sources = module.resolve("src");
                if (Files.isDirectory(sources)) {
                    classes.addAll(typesIn(sources, type));
                }
            }
        }
        return classes;
    }

    private static boolean isOfPlatform(String name) {
        return PLATFORM.stream()
                .anyMatch(prefix ->
                        DocsTest.class
                                        .getClassLoader()
                                        .getResource((prefix + name).replace('.', '/') + ".class")
                                != null);
    }

    private static Set<String> typesIn(Path sources, Pattern type) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            Set<String> found = new TreeSet<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java"))
                            .collect(Collectors.toList())) {
                found.addAll(matches(type, Files.readString(file)));
            }
            return found;
        }
    }
}
