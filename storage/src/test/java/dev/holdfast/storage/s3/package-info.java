/// A real S3 server for tests, and what they ask of a store that is kept there.
///
/// Other modules' tests use the server too (the test-jar). Start with
/// [dev.holdfast.storage.s3.S3Server].
@NullMarked
package dev.holdfast.storage.s3;

import org.jspecify.annotations.NullMarked;
