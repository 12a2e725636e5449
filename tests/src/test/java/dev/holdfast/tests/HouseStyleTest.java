package dev.holdfast.tests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The part of `docs/style.md` that is never right to break, checked by reading every Java source
/// of every module. A rule that a reader should weigh does not belong here.
final class HouseStyleTest {
    private static final Path ROOT =
            Path.of(System.getProperty("holdfast.root", "..")).toAbsolutePath().normalize();

    private static List<Source> sources = List.of();

    @BeforeAll
    static void readAllSources() throws IOException {
        List<Source> found = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(ROOT, Files::isDirectory)) {
            for (Path module : modules) {
                found.addAll(readSources(module.resolve("src")));
            }
        }
        sources = List.copyOf(found);
        assertThat(sources).extracting(Source::module).contains("format", "cli", "tests");
    }

    @Test
    void everyPublicTypeSaysWhatItIs() {
        Pattern type = Pattern.compile("(?m)^public [a-z -]*(class|record|enum|interface) (\\w+)");
        assertThat(sources)
                .filteredOn(source -> !source.isPackageInfo())
                .filteredOn(source ->
                        type.matcher(source.code())
                                .results()
                                .anyMatch(found -> !source.hasDocBefore(found.start())))
                .extracting(Source::file)
                .as("public types without a doc comment")
                .isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        Set<String> described =
                sources.stream()
                        .filter(Source::isPackageInfo)
                        .filter(source -> source.code().contains("@NullMarked"))
                        .filter(source -> source.hasDocBefore(source.code().indexOf("package ")))
                        .map(Source::packageName)
                        .collect(Collectors.toSet());
        assertThat(sources)
                .extracting(Source::packageName)
                .filteredOn(name -> !described.contains(name))
                .as("packages without a package-info.java that has a doc and @NullMarked")
                .isEmpty();
    }

    @Test
    void packagesAreNamedForIdeas() {
        Pattern noIdea = Pattern.compile("\\b(utils?|common|impl|models?|helpers?|misc)\\b");
        assertThat(sources)
                .extracting(Source::packageName)
                .filteredOn(noIdea.asPredicate())
                .as("packages named for no idea")
                .isEmpty();
    }

    @Test
    void onlyTheCommandLinePrints() {
        assertNoneMatch("\\bSystem\\.(out|err)\\b", source -> !source.mayPrint());
    }

    @Test
    void testsWaitForFactsAndNotForTime() {
        assertNoneMatch(
                "\\bThread\\.sleep\\b|SECONDS\\.sleep\\b",
                source -> source.file().contains("/src/test/"));
    }

    @Test
    void workLeftIsAnIssueAndNotAComment() {
        Pattern mark = Pattern.compile("\\b(TO[D]O|FIX[M]E|XX[X])\\b");
        assertThat(sources)
                .flatExtracting(source -> source.matches(mark, source.text()))
                .as("marks of work left")
                .isEmpty();
    }

    @Test
    void stateIsOwnedAndNotLocked() {
        assertNoneMatch(
                "\\bsynchronized\\b|\\bThreadLocal\\b",
                source -> !source.module().equals("metrics"));
    }

    @Test
    void typesAreWritten() {
        assertNoneMatch("\\bvar\\s+\\w", _ -> true);
    }

    private static List<Source> readSources(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(Source::read)
                    .toList();
        }
    }

    private static void assertNoneMatch(String regex, Predicate<Source> where) {
        Pattern pattern = Pattern.compile(regex);
        assertThat(sources)
                .filteredOn(where)
                .flatExtracting(source -> source.matches(pattern, source.code()))
                .as(regex)
                .isEmpty();
    }

    /// One Java file: its text, and its code, which is the text with comments and literals blanked
    /// out in place.
    private record Source(String file, String text, String code) {
        private static final Pattern NOT_CODE =
                Pattern.compile(
                        """
                        \"""[\\s\\S]*?\"""|"(?:\\\\.|[^"\\\\\\n])*+"|'(?:\\\\.|[^'\\\\\\n])*+'\
                        |//[^\\n]*+|/\\*[\\s\\S]*?\\*/\
                        """);

        static Source read(Path file) {
            try {
                String text = Files.readString(file);
                String code =
                        NOT_CODE.matcher(text)
                                .replaceAll(found -> found.group().replaceAll("[^\\n]", " "));
                return new Source(ROOT.relativize(file).toString(), text, code);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String module() {
            return file.substring(0, file.indexOf('/'));
        }

        String packageName() {
            String path = file.substring(file.indexOf("/java/") + "/java/".length());
            return path.substring(0, path.lastIndexOf('/')).replace('/', '.');
        }

        /// The command prints its results, and a bench or another program beside the tests its
        /// figures.
        boolean mayPrint() {
            // A program that a test starts in a process of its own answers on its output
            boolean isProgramOfATest =
                    file.contains("/src/test/") && code.contains("public static void main(");
            return isProgramOfATest
                    || module().equals("cli")
                    || packageName().startsWith("dev.holdfast.tests.");
        }

        boolean isPackageInfo() {
            return file.endsWith("/package-info.java");
        }

        /// Whether a doc comment stands between the imports and this place.
        boolean hasDocBefore(int offset) {
            String before = code.substring(0, offset);
            int header =
                    Math.max(before.lastIndexOf("\nimport "), before.lastIndexOf("\npackage "));
            String between = text.substring(Math.max(header, 0), offset);
            return between.contains("///") || between.contains("/**");
        }

        List<String> matches(Pattern pattern, String in) {
            return pattern.matcher(in).results().map(found -> describe(found, in)).toList();
        }

        private String describe(MatchResult found, String in) {
            long line = 1 + in.substring(0, found.start()).chars().filter(c -> c == '\n').count();
            return file + ":" + line + ": " + found.group();
        }
    }
}
