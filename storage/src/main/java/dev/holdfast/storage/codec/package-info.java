/// How bodies of the log and blocks of snapshots are compressed (`docs/format.md`, sections 2.2 and
/// 3).
///
/// The only package that knows zstd and LZ4. It is given bytes and gives bytes: no store, no file,
/// no record. Start with [BodyCompressor] and its mirror [BodyDecompressor]; snapshots use
/// [BlockCodec].
@NullMarked
package dev.holdfast.storage.codec;

import org.jspecify.annotations.NullMarked;
