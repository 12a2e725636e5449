package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.WriterId;

import java.nio.file.Path;
import java.util.List;

/// Which database a state folder is of, which archive it writes, as whom, and where that archive
/// is.
///
/// @param database absolute
/// @param stores locations, in printable ASCII, of the stores that are written; one to
///   [#MAX_STORES]
public record WriterIdentity(
        ArchiveId archive, WriterId writer, Path database, List<String> stores) {
    /// Far more than anybody keeps copies.
    public static final int MAX_STORES = 16;

    static final String LOCATION = "[ -~]+";

    public WriterIdentity {
        stores = List.copyOf(stores);
        if (stores.isEmpty()
                || stores.size() > MAX_STORES
                || !stores.stream().allMatch(store -> store.matches(LOCATION))) {
            throw new IllegalArgumentException("stores " + stores);
        }
    }

    /// The same under another name.
    public WriterIdentity as(WriterId other) {
        return new WriterIdentity(archive, other, database, stores);
    }

    /// The same with other stores.
    public WriterIdentity writing(List<String> others) {
        return new WriterIdentity(archive, writer, database, others);
    }
}
