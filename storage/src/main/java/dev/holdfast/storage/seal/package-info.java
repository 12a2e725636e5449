/// How what is stored is encrypted (`docs/format.md`, section 8): below the codec, so that what is
/// encrypted is compressed, and digests and chain are over encrypted bytes and need no key.
///
/// The only package that knows ciphers and age. It is given bytes and gives bytes: it knows no
/// segment and no record. A writer starts at [Sealing], a reader at [KeyRing].
@NullMarked
package dev.holdfast.storage.seal;

import org.jspecify.annotations.NullMarked;
