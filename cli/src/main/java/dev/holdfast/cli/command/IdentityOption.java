package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.storage.seal.Identity;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;

/// Who reads: needed for what is encrypted only.
final class IdentityOption {
    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description =
                    "A file of identities (holdfast key generate, age-keygen) that may read an"
                            + " encrypted archive. Repeated for several.")
    private List<Path> files = List.of();

    /// Those of all files.
    List<Identity> read() {
        return KeyFile.identities(files);
    }
}
