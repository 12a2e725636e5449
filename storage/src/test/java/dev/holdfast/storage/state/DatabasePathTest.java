package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class DatabasePathTest {
    @TempDir Path temporary;
    private Path data = Path.of("");
    private Path file = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        data = Files.createDirectory(temporary.toRealPath().resolve("data"));
        file = data.resolve("agent.db");
    }

    private Path link(String name, Path target) throws IOException {
        return Files.createSymbolicLink(data.resolveSibling(name), target);
    }

    /// Of a file that is there and of one that is to come.
    private void assertIsTheFile(Path named) throws IOException {
        assertThat(DatabasePath.real(named)).as("before it is there").isEqualTo(file);
        Files.createFile(file);
        assertThat(DatabasePath.real(named)).as("once it is there").isEqualTo(file);
        assertThat(StateFolder.beside(named)).isEqualTo(data.resolve(".agent.db-holdfast"));
    }

    @Test
    void aFileIsWhereItIs() throws IOException {
        assertIsTheFile(file);
    }

    @Test
    void aLinkToAFolderIsFollowed() throws IOException {
        assertIsTheFile(link("other", data).resolve("agent.db"));
    }

    @Test
    void aLinkToAFileIsFollowed() throws IOException {
        assertIsTheFile(link("other.db", Path.of("data/agent.db")));
    }

    @Test
    void linksToLinksAreFollowed() throws IOException {
        Path first = link("first.db", link("other", data).resolve("agent.db"));
        assertIsTheFile(link("second.db", first.getFileName()));
    }

    @Test
    void theFolderAboveALinkIsThatAboveWhereItLeads() throws IOException {
        Path inner = Files.createDirectory(data.resolve("inner"));
        assertIsTheFile(link("other", inner).resolve("../agent.db"));
    }

    @Test
    void linksInACircleAreLeftAloneAndTold() throws IOException {
        Path first = link("first.db", Path.of("second.db"));
        Path second = link("second.db", Path.of("first.db"));
        Path itself = link("itself", Path.of("itself"));
        Path into = link("into.db", Path.of("itself/agent.db"));

        assertThat(DatabasePath.real(first)).isIn(first, second);
        assertThat(List.of(first, second, itself, itself.resolve("agent.db"), into))
                .allMatch(DatabasePath::isInCircle);
    }

    @Test
    void linksThatLeadSomewhereOrWillAreInNoCircle() throws IOException {
        Path folder = link("other", data);
        Path toCome = link("to-come.db", Path.of("data/not/there.db"));

        assertThat(
                        List.of(
                                file,
                                folder.resolve("agent.db"),
                                folder.resolve("not/there.db"),
                                toCome))
                .noneMatch(DatabasePath::isInCircle);
        Files.createFile(file);
        assertThat(List.of(file, link("agent.db", file))).noneMatch(DatabasePath::isInCircle);
    }

    @Test
    void aFolderThatIsNotThereIsTakenByItsName() {
        assertThat(DatabasePath.real(data.resolve("not/../there/agent.db")))
                .isEqualTo(data.resolve("there/agent.db"));
    }
}
