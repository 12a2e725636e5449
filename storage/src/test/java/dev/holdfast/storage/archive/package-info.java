/// Tests of the archive's readers and writers, and [TestArchive], with which other modules' tests
/// make archives to read.
@NullMarked
package dev.holdfast.storage.archive;

import org.jspecify.annotations.NullMarked;
