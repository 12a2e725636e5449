package dev.holdfast.cli.config;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;
import dev.holdfast.storage.seal.WrappedKey;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// For whom a database's archive is encrypted; for nobody means that it is not.
///
/// @param recipients public keys
/// @param keyFile identities, for whose public halves it is encrypted too
public record Readers(List<Setting<Recipient>> recipients, Optional<Setting<Path>> keyFile) {
    static final String RECIPIENTS = "recipients";
    static final String KEY_FILE = "key-file";
    static final List<String> KEYS = List.of(RECIPIENTS, KEY_FILE);

    static final Readers NONE = new Readers(List.of(), Optional.empty());

    public Readers {
        recipients = List.copyOf(recipients);
    }

    /// All of them. Reads the key file.
    public List<Recipient> all() {
        Stream<Recipient> ofFile =
                keyFile.stream()
                        .flatMap(file -> KeyFile.identities(file.value()).stream())
                        .map(Identity::recipient);
        return Stream.concat(recipients.stream().map(Setting::value), ofFile).distinct().toList();
    }

    /// Each of them once. Throws if there are more than an archive can have.
    public static List<Recipient> checked(List<Recipient> all) {
        List<Recipient> distinct = all.stream().distinct().toList();
        if (distinct.size() > WrappedKey.MAX_RECIPIENTS) {
            throw new SidecarException.BadUsage(
                    "found %d recipients, wanted %d at most"
                            .formatted(distinct.size(), WrappedKey.MAX_RECIPIENTS),
                    "Share one identity among those who read.");
        }
        return distinct;
    }
}
