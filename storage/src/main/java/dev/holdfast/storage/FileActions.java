package dev.holdfast.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// All that [FileObjectStore], the state folder and the spool do to change a file system, so that a
/// test can record it, fail it, or forget what was not forced.
public interface FileActions {
    /// A new file, for reading and writing; fails if there is one.
    FileChannel createFile(Path file) throws IOException;

    /// A file that is there, for reading and writing.
    FileChannel openFile(Path file) throws IOException;

    /// Content and size survive a loss of power; the name may not.
    void forceFile(FileChannel file) throws IOException;

    /// A second name for a file; fails if it is taken, whoever else tries at the same time.
    void link(Path file, Path name) throws IOException;

    /// Gives a file another's name, whose content is gone then: at every moment the name leads to
    /// one of the two.
    void replace(Path file, Path name) throws IOException;

    /// The names in a folder survive a loss of power.
    void forceFolder(Path folder) throws IOException;

    /// A new folder in one that is there; fails if there is one.
    void createFolder(Path folder) throws IOException;

    void delete(Path file) throws IOException;

    /// The real ones. What they create holds whatever the database holds, so only its owner may
    /// read it.
    FileActions REAL =
            new FileActions() {
                private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
                        attribute("rw-------");
                private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
                        attribute("rwx------");
                private static final Set<StandardOpenOption> NEW =
                        Set.of(
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);

                @Override
                public FileChannel createFile(Path file) throws IOException {
                    return FileChannel.open(file, NEW, OWNER_FILE);
                }

                @Override
                public FileChannel openFile(Path file) throws IOException {
                    return FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                }

                @Override
                public void forceFile(FileChannel file) throws IOException {
                    file.force(false); // fdatasync: writes the size too, only not the times
                }

                @Override
                public void link(Path file, Path name) throws IOException {
                    Files.createLink(name, file);
                }

                @Override
                public void replace(Path file, Path name) throws IOException {
                    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
                }

                @Override
                public void forceFolder(Path folder) throws IOException {
                    // Opened anew each time: a descriptor that is kept would go on forcing a folder
                    // that was replaced.
                    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                        channel.force(true);
                    }
                }

                @Override
                public void createFolder(Path folder) throws IOException {
                    Files.createDirectory(folder, OWNER_FOLDER);
                }

                @Override
                public void delete(Path file) throws IOException {
                    Files.delete(file);
                }

                private static FileAttribute<Set<PosixFilePermission>> attribute(
                        String permissions) {
                    return PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions));
                }
            };
}
