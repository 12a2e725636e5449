package dev.holdfast.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// The real file system, until the power fails: then what was not forced is there or not, sector by
/// sector and name by name, in any combination that a disk may leave.
///
/// Harsher than any file system: names that were not forced survive independently of each other, a
/// file can have its new size without its new content, and a removed name can come back. For one
/// thread.
public final class CrashingFiles implements FileActions {
    private static final int SECTOR_BYTES = 512;

    /// Thrown by every action from the loss on.
    public static final class PowerLost extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final class Contents {
        private byte[] durable = new byte[0];
        private byte[] last = new byte[0];
    }

    private final IdentityHashMap<FileChannel, Contents> channels = new IdentityHashMap<>();
    private final Map<Path, Contents> names = new HashMap<>();
    private final Map<Path, Contents> durableNames = new HashMap<>();
    private final Set<Path> folders = new HashSet<>();
    private final Set<Path> durableFolders = new HashSet<>();
    private final Path root;
    private int actionsLeft;

    /// @param root a folder that is there, and forced; all else is made through this
    /// @param actions how many succeed
    public CrashingFiles(Path root, int actions) {
        this.root = root;
        this.actionsLeft = actions;
    }

    private void act() {
        if (actionsLeft == 0) {
            throw new PowerLost();
        }
        actionsLeft--;
    }

    @Override
    public FileChannel createFile(Path file) throws IOException {
        act();
        FileChannel channel = REAL.createFile(file);
        Contents contents = new Contents();
        names.put(file, contents);
        channels.put(channel, contents);
        return channel;
    }

    @Override
    public FileChannel openFile(Path file) throws IOException {
        act();
        FileChannel channel = REAL.openFile(file);
        channels.put(channel, contents(file));
        return channel;
    }

    private Contents contents(Path file) {
        return Objects.requireNonNull(names.get(file), () -> file + " was not made here");
    }

    @Override
    public void forceFile(FileChannel file) throws IOException {
        act();
        Contents contents = Objects.requireNonNull(channels.get(file));
        Path name =
                names.entrySet().stream()
                        .filter(entry -> entry.getValue() == contents)
                        .findFirst()
                        .orElseThrow()
                        .getKey();
        contents.durable = Files.readAllBytes(name);
    }

    @Override
    public void link(Path file, Path name) throws IOException {
        act();
        REAL.link(file, name);
        names.put(name, contents(file));
    }

    @Override
    public void replace(Path file, Path name) throws IOException {
        act();
        keepLast(name);
        REAL.replace(file, name);
        names.put(name, contents(file));
        names.remove(file);
    }

    @Override
    public void delete(Path file) throws IOException {
        act();
        keepLast(file);
        REAL.delete(file);
        names.remove(file);
    }

    /// Whether a lost name comes back, its contents must.
    private void keepLast(Path file) throws IOException {
        if (names.containsKey(file)) {
            contents(file).last = Files.readAllBytes(file);
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        act();
        REAL.createFolder(folder);
        folders.add(folder);
    }

    @Override
    public void forceFolder(Path path) throws IOException {
        act();
        Path folder = path.normalize();
        durableNames.keySet().removeIf(name -> folder.equals(name.getParent()));
        names.forEach((name, contents) -> {
            if (folder.equals(name.getParent())) {
                durableNames.put(name, contents);
            }
        });
        for (Path inside : folders) {
            if (folder.equals(inside.getParent())) {
                durableFolders.add(inside);
            }
        }
    }

    /// What the disk holds after the loss, as a copy of the root.
    public void crash(RandomGenerator random, Path after) throws IOException {
        for (Path name : names.keySet()) {
            keepLast(name);
        }
        for (Path folder : new TreeSet<>(folders)) {
            Path copy = after.resolve(root.relativize(folder).toString());
            boolean isKept = durableFolders.contains(folder) || random.nextBoolean();
            if (isKept && Files.isDirectory(copy.resolveSibling("."))) {
                Files.createDirectory(copy);
            }
        }
        Set<Path> all = new TreeSet<>(names.keySet());
        all.addAll(durableNames.keySet());
        for (Path name : all) {
            Contents kept = random.nextBoolean() ? names.get(name) : durableNames.get(name);
            Path copy = after.resolve(root.relativize(name).toString());
            if (kept != null && Files.isDirectory(copy.resolveSibling("."))) {
                Files.write(copy, left(random, kept));
            }
        }
    }

    private static byte[] left(RandomGenerator random, Contents contents) {
        boolean isNewSize = random.nextBoolean();
        int bytes = isNewSize ? contents.last.length : contents.durable.length;
        byte[] left = Arrays.copyOf(contents.durable, bytes);
        for (int at = 0; at < Math.min(bytes, contents.last.length); at += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                int end = Math.min(at + SECTOR_BYTES, Math.min(bytes, contents.last.length));
                System.arraycopy(contents.last, at, left, at, end - at);
            }
        }
        return left;
    }
}
