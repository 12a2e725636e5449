/// Archives in a bucket: S3 itself, and servers that speak its protocol (MinIO, Ceph, R2, B2).
///
/// The only package that uses the AWS SDK, and one that is loaded only where a location begins with
/// `s3:`. It never tries again (that is [dev.holdfast.storage.RetryingObjectStore]'s) and writes
/// nothing without the condition that the name is free. Start with
/// [dev.holdfast.storage.s3.S3ObjectStore].
@NullMarked
package dev.holdfast.storage.s3;

import org.jspecify.annotations.NullMarked;
