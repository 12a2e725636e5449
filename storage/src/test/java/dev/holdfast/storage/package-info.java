/// The contract that every store keeps, and stores for tests: in memory, and one that fails on
/// purpose.
///
/// Other modules' tests use them too (the test-jar). Start with
/// [dev.holdfast.storage.ObjectStoreContract].
@NullMarked
package dev.holdfast.storage;

import org.jspecify.annotations.NullMarked;
