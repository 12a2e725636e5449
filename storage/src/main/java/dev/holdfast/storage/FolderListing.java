package dev.holdfast.storage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/// One pass over the objects in a folder, in the order of their names, a page at a time. Used by
/// one thread at a time.
///
/// A folder gives its entries in no order, and Java does not tell which are folders. So the names
/// alone are read and sorted, a bounded number at a time, and a file is looked at (size, folder or
/// not) only when its turn comes: a page of a thousand out of a million costs one reading of the
/// folder and a thousand looks.
final class FolderListing {
    /// About 6 MB. A folder of a million is then read 16 times in a whole listing.
    private static final int NAMES_AT_ONCE = 65_536;

    private final Path root;
    private final String prefix;
    private final String startAfter;
    private final int namesAtOnce;
    private final Deque<Folder> open = new ArrayDeque<>();
    private ListPage.@Nullable Entry next;
    private String last = "";

    /// @param startAfter empty to begin at the first
    static FolderListing begin(Path root, String prefix, String startAfter) throws IOException {
        return begin(root, prefix, startAfter, NAMES_AT_ONCE);
    }

    static FolderListing begin(Path root, String prefix, String startAfter, int namesAtOnce)
            throws IOException {
        FolderListing listing = new FolderListing(root, prefix, startAfter, namesAtOnce);
        listing.enter(prefix.substring(0, prefix.lastIndexOf('/') + 1));
        listing.next = listing.find();
        return listing;
    }

    private FolderListing(Path root, String prefix, String startAfter, int namesAtOnce) {
        this.root = root;
        this.prefix = prefix;
        this.startAfter = startAfter;
        this.namesAtOnce = namesAtOnce;
    }

    boolean isEmpty() {
        return next == null;
    }

    ListPage page(int limit) throws IOException {
        List<ListPage.Entry> entries = new ArrayList<>();
        for (ListPage.Entry entry = next; entry != null && entries.size() < limit; entry = next) {
            entries.add(entry);
            last = entry.name();
            next = find();
        }
        return new ListPage(entries, next != null);
    }

    /// Whether the next page is the answer to this question too.
    boolean continuesWith(String prefix, String startAfter) {
        return next != null && this.prefix.equals(prefix) && last.equals(startAfter);
    }

    private ListPage.@Nullable Entry find() throws IOException {
        for (Folder folder = open.peek(); folder != null; folder = open.peek()) {
            String child = folder.next();
            if (child == null) {
                open.pop();
            } else if (child.endsWith("/")) {
                enter(folder.name + child);
            } else {
                ListPage.Entry entry = look(folder, child);
                if (entry != null && entry.name().compareTo(startAfter) > 0) {
                    return entry;
                }
            }
        }
        return null;
    }

    private void enter(String name) throws IOException {
        if (name.compareTo(startAfter) < 0 && !startAfter.startsWith(name)) {
            return; // all that is in it comes before the start
        }
        Folder folder = new Folder(name);
        folder.readNames("");
        open.push(folder);
    }

    /// The object, or null where there is none: a folder, whose turn comes later, or something that
    /// has just been removed.
    private ListPage.@Nullable Entry look(Folder folder, String child) throws IOException {
        String name = folder.name + child;
        try {
            BasicFileAttributes found =
                    Files.readAttributes(root.resolve(name), BasicFileAttributes.class);
            if (found.isDirectory()) {
                folder.subfolders.add(child + "/");
            }
            return found.isRegularFile() ? new ListPage.Entry(name, found.size()) : null;
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    private final class Folder {
        /// Empty for the root, else ends with a slash.
        private final String name;

        /// Of what children's names must begin with, and come after, the part that this folder's
        /// own name leaves open.
        private final String childPrefix;

        private final String childAfter;

        private List<String> children = List.of();
        private int index;
        private boolean hasMore;

        /// With a slash at the end, as they sort among their neighbors: `a-b` < `a/` < `a0`.
        private final TreeSet<String> subfolders = new TreeSet<>();

        Folder(String name) {
            this.name = name;
            this.childPrefix =
                    prefix.length() > name.length() ? prefix.substring(name.length()) : "";
            this.childAfter =
                    startAfter.startsWith(name) ? startAfter.substring(name.length()) : "";
        }

        @Nullable String next() throws IOException {
            if (index == children.size() && hasMore) {
                readNames(children.getLast());
            }
            String child = index < children.size() ? children.get(index) : null;
            if (!subfolders.isEmpty()
                    && (child == null || subfolders.first().compareTo(child) < 0)) {
                return subfolders.pollFirst();
            }
            index++;
            return child;
        }

        /// The next names after this one.
        void readNames(String after) throws IOException {
            SmallestNames names = new SmallestNames(namesAtOnce);
            try (DirectoryStream<Path> found = Files.newDirectoryStream(root.resolve(name))) {
                for (Path path : found) {
                    String child = String.valueOf(path.getFileName());
                    if (child.compareTo(after) > 0
                            && isWanted(child)
                            && StoreNames.isValidPart(child)) {
                        names.add(child);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            } catch (NoSuchFileException | NotDirectoryException _) {
                // No objects here. Whether the root itself is there is for the store to say.
            }
            children = names.sorted();
            hasMore = names.isCut();
            index = 0;
        }

        /// Whether it, or, should it be a folder, something in it, comes after the start.
        private boolean isWanted(String child) {
            return child.startsWith(childPrefix)
                    && (child.compareTo(childAfter) > 0 || mayReachPastStart(child));
        }

        /// `a` sorts before a start of `a-b` or `a/b`, but in a folder `a` there may be an `a/c`,
        /// which does not.
        private boolean mayReachPastStart(String child) {
            return childAfter.startsWith(child)
                    && (childAfter.length() == child.length()
                            || childAfter.charAt(child.length()) <= '/');
        }
    }
}
