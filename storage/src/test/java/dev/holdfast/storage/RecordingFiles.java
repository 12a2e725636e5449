package dev.holdfast.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The real file system, with a record of what was done to it, and failures on demand. For one
/// thread.
public final class RecordingFiles implements FileActions {
    private final Path root;
    private final List<String> actions = new ArrayList<>();
    private Predicate<String> fails = _ -> false;
    private IOException failure = new IOException("injected");

    public RecordingFiles(Path root) {
        this.root = root;
    }

    /// What was done since the last call, as `link log/1`; temporary files are all called
    /// `temporary`.
    public List<String> takeActions() {
        List<String> taken = List.copyOf(actions);
        actions.clear();
        return taken;
    }

    /// From now on, actions whose record begins so do not happen but fail.
    public void failOn(String actionBegins, IOException with) {
        fails = action -> action.startsWith(actionBegins);
        failure = with;
    }

    public void heal() {
        fails = _ -> false;
    }

    @Override
    public FileChannel createFile(Path file) throws IOException {
        record("create", file);
        return REAL.createFile(file);
    }

    @Override
    public FileChannel openFile(Path file) throws IOException {
        record("open", file);
        return REAL.openFile(file);
    }

    @Override
    public void forceFile(FileChannel file) throws IOException {
        record("force file");
        REAL.forceFile(file);
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        record("link", name);
        REAL.link(file, name);
    }

    @Override
    public void replace(Path file, Path name) throws IOException {
        record("replace", name);
        REAL.replace(file, name);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        record("force folder", folder);
        REAL.forceFolder(folder);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        record("create folder", folder);
        REAL.createFolder(folder);
    }

    @Override
    public void delete(Path file) throws IOException {
        record("delete", file);
        REAL.delete(file);
    }

    private void record(String action, Path path) throws IOException {
        String name = path.startsWith(root) ? root.relativize(path).toString() : "above";
        boolean isTemporary = name.startsWith(ArchiveFolder.TEMPORARY + "/");
        record(action + " " + (isTemporary ? "temporary" : name.isEmpty() ? "root" : name));
    }

    private void record(String action) throws IOException {
        if (fails.test(action)) {
            actions.add("failed: " + action);
            throw failure;
        }
        actions.add(action);
    }
}
