package dev.holdfast.cli.config;

import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.state.DatabasePath;
import dev.holdfast.storage.state.StateFolder;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A database, where it is shipped to, and how it is followed.
///
/// @param path absolute
/// @param to the first says whose the archive is; empty if no file says it
/// @param state the state folder, if it is not the one beside the database
public record DatabaseConfig(
        Setting<Path> path,
        List<DestinationConfig> to,
        Optional<Setting<Path>> state,
        Readers readers,
        Policies policies) {
    public DatabaseConfig {
        to = List.copyOf(to);
    }

    /// One of which no file says anything.
    public static DatabaseConfig byDefault(Path database) {
        return new DatabaseConfig(
                Setting.byDefault(database, database.toString()),
                List.of(),
                Optional.empty(),
                Readers.NONE,
                Policies.DEFAULT);
    }

    /// The state folder, by default too. Not before it is known that the path can be a database's.
    public Setting<Path> stateFolder() {
        return state.orElseGet(() -> {
            Path folder = StateFolder.beside(path.value());
            return Setting.byDefault(folder, folder.toString());
        });
    }

    /// Whether this is of that file, by whatever links it is called.
    boolean isOf(Path database) {
        return DatabasePath.real(path.value()).equals(DatabasePath.real(database));
    }

    /// How often something may be sent to a place, which need not be one of these.
    public UploadRate uploads(StoreLocation place) {
        return destination(place)
                .map(DestinationConfig::uploads)
                .or(policies::uploads)
                .orElseGet(() -> DestinationConfig.usualUploads(place))
                .value();
    }

    /// How much, of the same.
    public UploadBandwidth bandwidth(StoreLocation place) {
        return destination(place)
                .map(DestinationConfig::bandwidth)
                .orElseGet(policies::bandwidth)
                .value();
    }

    private Optional<DestinationConfig> destination(StoreLocation place) {
        return to.stream()
                .filter(destination -> destination.location().value().equals(place))
                .findFirst();
    }
}
