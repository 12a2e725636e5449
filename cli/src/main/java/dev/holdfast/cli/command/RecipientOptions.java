package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.cli.config.Readers;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// For whom a writer encrypts.
final class RecipientOptions {
    @Option(
            names = "--recipient",
            paramLabel = "age1…",
            description =
                    "Encrypt for whoever has the identity of this public key. Repeated for"
                            + " several. Once encrypted, an archive stays so.")
    private List<String> recipients = List.of();

    @Option(
            names = "--recipients",
            paramLabel = "FILE",
            description = "The same for each public key of a file, one a line.")
    private @Nullable Path file;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "The same for the public halves of a file of identities: one file for both"
                            + " sides, where the machine that writes may also read.")
    private @Nullable Path keyFile;

    /// Whether any was given.
    boolean isGiven() {
        return !recipients.isEmpty() || file != null || keyFile != null;
    }

    List<Recipient> read() {
        List<Recipient> all = new ArrayList<>();
        recipients.forEach(text -> all.add(KeyFile.recipientOption(text)));
        if (file != null) {
            all.addAll(KeyFile.recipients(file));
        }
        if (keyFile != null) {
            KeyFile.identities(keyFile).stream().map(Identity::recipient).forEach(all::add);
        }
        return Readers.checked(all);
    }
}
