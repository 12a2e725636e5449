package dev.holdfast.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.Codec;
import dev.holdfast.format.PageMap;
import dev.holdfast.format.PageSize;
import dev.holdfast.format.WriterId;
import dev.holdfast.storage.InMemoryObjectStore;
import dev.holdfast.storage.archive.TestArchive;
import dev.holdfast.storage.state.SavedPages;
import dev.holdfast.storage.state.StateFolder;
import dev.holdfast.storage.state.WriterIdentity;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class StateBesideTest {
    private static final long SEED = Long.getLong("seed", 1);

    @TempDir private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private Path out() {
        return folder.resolve("out.db");
    }

    private TestArchive everything() throws IOException {
        return TestArchive.ofEverything(store, SEED, new PageSize(512), Codec.ZSTD);
    }

    @Test
    void aRestoreOfTheNewestLeavesItsStateBesideIt() throws IOException {
        try (TestArchive archive = everything()) {
            archive.claim();
            archive.ship();
            assertThat(restore(new Target.Latest())).isInstanceOf(StateBeside.Left.class);
            try (StateFolder state = StateFolder.open(StateFolder.beside(out()))) {
                SavedPages saved = state.pages().orElseThrow();
                assertThat(saved.archive()).isEqualTo(archive.info().id());
                assertThat(saved.point().seq()).isEqualTo(archive.lastSeq());
                assertThat(saved.point().digest()).isEqualTo(archive.digest(archive.lastSeq()));
                assertThat(saved.point().tx()).isEqualTo(archive.lastTx());
                PageMap pages = saved.pages();
                assertThat(pages.checksum())
                        .isEqualTo(archive.record(archive.lastTx()).stateChecksum().orElseThrow());
            }
        }
    }

    @Test
    void aRestoreOfAnOlderStateLeavesNoState() throws IOException {
        try (TestArchive archive = everything()) {
            Target older = new Target.AtTx(archive.lastTx() - 1);
            assertThat(restore(older)).isInstanceOf(StateBeside.None.class);
            assertThat(Restores.namesIn(folder)).containsExactly("out.db");
        }
    }

    @Test
    void anOlderStateIsNotMixedWithTheStateOfAnEarlierRestore() throws IOException {
        try (TestArchive archive = everything()) {
            assertThat(restore(new Target.Latest())).isInstanceOf(StateBeside.Left.class);
            Files.delete(out());
            Target older = new Target.AtTx(archive.lastTx() - 1);
            assertThat(restore(older)).isInstanceOf(StateBeside.None.class);
            assertThat(Restores.namesIn(folder)).containsExactly("out.db");
        }
    }

    @Test
    void theNewestReplacesTheStateOfAnEarlierRestore() throws IOException {
        try (TestArchive archive = everything()) {
            restore(new Target.Latest());
            Files.delete(out());
            archive.commits(2);
            archive.ship();
            assertThat(restore(new Target.Latest())).isInstanceOf(StateBeside.Left.class);
            try (StateFolder state = StateFolder.open(StateFolder.beside(out()))) {
                assertThat(state.pages().orElseThrow().point().tx()).isEqualTo(archive.lastTx());
            }
        }
    }

    @Test
    void theStateOfAReplicatorIsLeftAsItIsAndThatIsSaid() throws IOException {
        try (TestArchive archive = everything()) {
            Path state = StateFolder.beside(out());
            WriterIdentity writer =
                    new WriterIdentity(archive.info(), new WriterId(3), out(), List.of("file:/a"));
            try (StateFolder folder = StateFolder.open(state)) {
                folder.saveIdentity(writer);
            }
            for (Target target :
                    new Target[] {new Target.Latest(), new Target.AtTx(archive.lastTx() - 1)}) {
                assertThat(restore(target)).isEqualTo(new StateBeside.Kept(state));
                Files.delete(out());
                assertThat(StateFolder.readIdentity(state)).contains(writer);
                assertThat(Restores.namesIn(state)).containsExactly("lock", "writer");
            }
        }
    }

    /// It is its user's, and so is what it leads to.
    @Test
    void aLinkInItsPlaceIsLeftAndThatIsSaid() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createFile(elsewhere.resolve("pages"));
        Path state = StateFolder.beside(out());
        try (TestArchive _ = everything()) {
            for (Path target : new Path[] {elsewhere, folder.resolve("nowhere")}) {
                Files.createSymbolicLink(state, target);
                assertThat(restore(new Target.Latest()))
                        .isInstanceOfSatisfying(
                                StateBeside.Failed.class,
                                failed ->
                                        assertThat(failed.problem())
                                                .startsWith("remove " + state)
                                                .contains("a symbolic link"));
                assertThat(state).isSymbolicLink();
                assertThat(Restores.namesIn(elsewhere)).containsExactly("pages");
                Files.delete(state);
                Files.delete(out());
            }
        }
    }

    @Test
    void aStateThatSomebodyHoldsIsToldAndTheDatabaseRestoredAllTheSame() throws IOException {
        try (TestArchive archive = everything()) {
            restore(new Target.Latest());
            Files.delete(out());
            Path state = StateFolder.beside(out());
            try (StateFolder _ = StateFolder.open(state)) {
                assertThat(restore(new Target.AtTx(archive.lastTx() - 1)))
                        .isInstanceOfSatisfying(
                                StateBeside.Failed.class,
                                failed ->
                                        assertThat(failed.problem())
                                                .startsWith("remove " + state)
                                                .contains("another holdfast process"));
            }
            assertThat(out()).exists();
        }
    }

    private StateBeside restore(Target target) {
        return Restores.from(store).restore(RestoreRequest.of(target, out()))
                        instanceof RestoreOutcome.Restored restored
                ? restored.state()
                : new StateBeside.Failed("it was not restored");
    }
}
