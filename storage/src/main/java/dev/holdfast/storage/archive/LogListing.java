package dev.holdfast.storage.archive;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.storage.ListPage;
import dev.holdfast.storage.ObjectStore;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;

/// The log's objects in their order, listed page by page as they are asked for. Owned by one
/// thread.
public final class LogListing {
    static final int PAGE = 1000;

    private final ObjectStore store;
    private final Deque<LogObject> listed = new ArrayDeque<>();
    private @Nullable String lastName;
    private boolean isComplete;

    /// @param after the name behind which the listing begins; null for all
    private LogListing(ObjectStore store, @Nullable String after) {
        this.store = store;
        this.lastName = after;
    }

    /// From the object that holds segment `seq` on, or from the first one after it.
    ///
    /// Stores list forwards only, and the object's name is that of its first segment, which may lie
    /// anywhere before `seq`: so the listing begins some way in front of it, and farther and
    /// farther until that was far enough.
    static LogListing from(ObjectStore store, long seq) throws IOException {
        long back = PAGE;
        while (true) {
            boolean isAll = back >= seq;
            LogListing listing = new LogListing(store, isAll ? null : ObjectNames.log(seq - back));
            Optional<LogObject> first = listing.peek();
            if (isAll || (first.isPresent() && first.get().firstSeq() <= seq)) {
                listing.moveTo(seq);
                return listing;
            }
            back = back > Long.MAX_VALUE / PAGE ? Long.MAX_VALUE : back * PAGE;
        }
    }

    /// Drops the objects in front of the last one that begins at `seq` or before.
    private void moveTo(long seq) throws IOException {
        Optional<LogObject> candidate = Optional.empty();
        for (Optional<LogObject> at = peek();
                at.isPresent() && at.get().firstSeq() <= seq;
                at = peek()) {
            candidate = at;
            listed.removeFirst();
        }
        candidate.ifPresent(listed::addFirst);
    }

    /// The next object; empty at the end. Names that are not of the log are passed over.
    public Optional<LogObject> next() throws IOException {
        Optional<LogObject> next = peek();
        if (next.isPresent()) {
            listed.removeFirst();
        }
        return next;
    }

    private Optional<LogObject> peek() throws IOException {
        while (listed.isEmpty() && !isComplete) {
            listPage();
        }
        return Optional.ofNullable(listed.peekFirst());
    }

    private void listPage() throws IOException {
        ListPage page = store.list(ObjectNames.LOG, lastName, PAGE);
        for (ListPage.Entry entry : page.entries()) {
            lastName = entry.name();
            OptionalLong seq = ObjectNames.logSeq(entry.name());
            if (seq.isPresent()) {
                listed.addLast(new LogObject(seq.getAsLong(), entry.bytes()));
            }
        }
        isComplete = !page.isTruncated();
    }
}
