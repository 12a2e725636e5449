package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.WriterId;

import java.nio.file.Path;

/// Which database a state folder is of, which archive it writes, as whom, and where that archive
/// is.
///
/// @param database absolute
/// @param store location of the store, for `status`
public record WriterIdentity(ArchiveId archive, WriterId writer, Path database, String store) {
    /// The same under another name.
    public WriterIdentity as(WriterId other) {
        return new WriterIdentity(archive, other, database, store);
    }
}
