package dev.holdfast.storage.state;

import dev.holdfast.format.ArchiveId;
import dev.holdfast.format.WriterId;

/// Which archive a state folder writes, as whom, and where that archive is.
///
/// @param store location of the store, for `status`
public record WriterIdentity(ArchiveId archive, WriterId writer, String store) {}
