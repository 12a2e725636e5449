package dev.holdfast.cli.config;

import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.seal.Recipient;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whether the files that a configuration names are looked at while it is read: keys, credentials,
/// certificates. Whoever follows one database of several has no use for those of the others.
enum NamedFiles {
    /// They are not.
    LEFT_ALONE,
    /// What can't be read, or has another form, is a problem.
    LOOKED_AT;

    /// @param others for whom an archive is encrypted, besides those of the key file
    void look(Path keyFile, List<Setting<Recipient>> others) {
        if (this == LOOKED_AT) {
            Readers readers =
                    new Readers(
                            others, Optional.of(Setting.byDefault(keyFile, keyFile.toString())));
            List<Recipient> _ = Readers.checked(readers.all());
        }
    }

    void look(StoreLocation place) {
        if (this == LOOKED_AT) {
            place.checkFiles();
        }
    }
}
