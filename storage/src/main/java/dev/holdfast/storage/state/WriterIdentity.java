package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveInfo;
import dev.holdfast.format.WriterId;

import java.nio.file.Path;
import java.util.List;

/// Which database a state folder is of, which archive it writes, as whom, and where that archive
/// is.
///
/// @param database absolute
/// @param stores locations, in printable ASCII, of the stores that are written; one to
///   [#MAX_STORES]
/// @param isClaiming whether a claim of this writer may be stored that nothing else here knows of
public record WriterIdentity(
        ArchiveInfo archive,
        WriterId writer,
        Path database,
        List<String> stores,
        boolean isClaiming) {
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

    /// One that does not claim anything.
    public WriterIdentity(
            ArchiveInfo archive, WriterId writer, Path database, List<String> stores) {
        this(archive, writer, database, stores, false);
    }

    /// The same under another name, by which the archive is claimed.
    public WriterIdentity claimingAs(WriterId other) {
        return new WriterIdentity(archive, other, database, stores, true);
    }

    /// The same once the claim is known here.
    public WriterIdentity settled() {
        return new WriterIdentity(archive, writer, database, stores, false);
    }

    /// The same with other stores.
    public WriterIdentity writing(List<String> others) {
        return new WriterIdentity(archive, writer, database, others, isClaiming);
    }
}
