package dev.holdfast.cli.config;

import static java.util.stream.Stream.concat;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.cli.argument.PathArgument;
import dev.holdfast.cli.argument.UploadBandwidthArgument;
import dev.holdfast.cli.argument.UploadRateArgument;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;
import dev.holdfast.storage.StoreLocation;
import dev.holdfast.storage.bucket.LocationOptions;
import dev.holdfast.storage.gcs.GcsPlace;
import dev.holdfast.storage.s3.S3Place;
import dev.holdfast.storage.seal.Recipient;
import dev.holdfast.storage.seal.WrappedKey;
import dev.holdfast.storage.state.DatabasePath;
import dev.holdfast.storage.state.WriterIdentity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Makes of a file's nodes what they mean: databases, their destinations, their policies.
final class ConfigReader {
    static final String DATABASES = "databases";
    static final String DEFAULTS = "defaults";
    static final List<String> FILE_KEYS = List.of(DEFAULTS, DATABASES);

    static final String PATH = "path";
    static final String TO = "to";
    static final String STATE = "state";
    static final List<String> DEFAULTS_KEYS =
            concat(Readers.KEYS.stream(), Policies.KEYS.stream()).toList();
    static final List<String> DATABASE_KEYS =
            concat(Stream.of(PATH, TO, STATE), DEFAULTS_KEYS.stream()).toList();

    static final String LOCATION = "location";
    static final List<String> DESTINATION_KEYS =
            concat(
                            Stream.of(LOCATION, Policies.UPLOADS, Policies.BANDWIDTH),
                            bucketOptions().stream())
                    .toList();

    private final String file;
    private final Path folder;
    private final Variables variables;
    private final Problems problems;
    private final NamedFiles files;

    /// @param file as it was named
    /// @param folder what is not absolute is meant from there
    ConfigReader(
            String file,
            Path folder,
            Map<String, String> environment,
            Problems problems,
            NamedFiles files) {
        this.file = file;
        this.files = files;
        this.folder = folder.toAbsolutePath();
        this.variables = new Variables(environment, problems);
        this.problems = problems;
    }

    /// What can be read; all else is told as problems.
    Config read(YamlNode root) {
        List<DatabaseConfig> databases =
                Section.of(root, "the file", FILE_KEYS, variables, problems)
                        .map(this::databases)
                        .orElse(List.of());
        Collisions.check(databases, problems);
        return new Config(file, databases);
    }

    /// What holds for each database that does not say so itself.
    private record Common(Readers readers, Policies policies) {}

    private List<DatabaseConfig> databases(Section top) {
        Common common =
                top.node(DEFAULTS)
                        .flatMap(node ->
                                Section.of(node, DEFAULTS, DEFAULTS_KEYS, variables, problems))
                        .map(section ->
                                new Common(
                                        readers(section), Policies.read(section, Policies.DEFAULT)))
                        .orElse(new Common(Readers.NONE, Policies.DEFAULT));
        if (!top.has(DATABASES)) {
            problems.add(
                    top.at(),
                    "found no databases",
                    "Write databases: and below it, for each, - path: and to:.");
        }
        List<Section> sections = top.sections(DATABASES, "a database", DATABASE_KEYS);
        if (sections.size() > Config.MAX_DATABASES) {
            problems.add(
                    sections.get(Config.MAX_DATABASES).at(),
                    "found %,d databases, wanted %,d at most"
                            .formatted(sections.size(), Config.MAX_DATABASES),
                    "Write several files.");
            return List.of();
        }
        return sections.stream().flatMap(section -> database(section, common).stream()).toList();
    }

    private Optional<DatabaseConfig> database(Section section, Common common) {
        requireKey(section, PATH);
        requireKey(section, TO);
        Policies policies = Policies.read(section, common.policies);
        List<DestinationConfig> to = destinations(section, policies);
        Optional<Setting<Path>> state = section.setting(STATE, this::path).map(this::absolute);
        // Those of both together would be more than the database's own say
        boolean hasOwn = Readers.KEYS.stream().anyMatch(section::has);
        Readers readers = hasOwn ? readers(section) : common.readers;
        return section.setting(PATH, this::database)
                .map(this::absolute)
                .map(path -> new DatabaseConfig(path, to, state, readers, policies));
    }

    private Readers readers(Section section) {
        List<Setting<Recipient>> recipients =
                section.nodes(Readers.RECIPIENTS).stream()
                        .flatMap(node ->
                                section
                                        .setting(node, Readers.RECIPIENTS, KeyFile::recipient)
                                        .stream())
                        .toList();
        checkCount(recipients);
        return new Readers(
                recipients,
                section.setting(Readers.KEY_FILE, text -> keyFile(text, recipients))
                        .map(this::absolute));
    }

    /// Blames the first of those that are too many.
    private void checkCount(List<Setting<Recipient>> recipients) {
        try {
            List<Recipient> _ = Readers.checked(recipients.stream().map(Setting::value).toList());
        } catch (SidecarException refusal) {
            Set<Recipient> distinct = new HashSet<>();
            recipients.stream()
                    .filter(each -> distinct.add(each.value()))
                    .skip(WrappedKey.MAX_RECIPIENTS)
                    .findFirst()
                    .flatMap(Setting::from)
                    .ifPresent(at -> problems.add(at, Readers.RECIPIENTS, refusal));
        }
    }

    /// @param others for whom it is encrypted besides
    private Path keyFile(String text, List<Setting<Recipient>> others) {
        Path file = path(text);
        KeyFile.checkPlace(file);
        files.look(file, others);
        return file;
    }

    private void requireKey(Section section, String key) {
        if (!section.has(key)) {
            problems.add(
                    section.at(),
                    "a database: found no " + key,
                    key.equals(PATH)
                            ? "Write path: and the database file."
                            : "Write to: and a folder, or s3://bucket/prefix, or"
                                    + " a list of them.");
        }
    }

    private Path path(String text) {
        return folder.resolve(new PathArgument().convert(refuseTilde(text)));
    }

    private Path database(String text) {
        Path path = path(text);
        if (DatabasePath.real(path).getFileName() == null) {
            throw new SidecarException.BadUsage(
                    "found the root folder, wanted a database file", "Name the file.");
        }
        return path;
    }

    /// What a shell makes of it is not known here, and a folder of that name is never meant.
    private static String refuseTilde(String text) {
        if (text.startsWith("~")) {
            throw new SidecarException.BadUsage(
                    "found " + Problems.quoted(text) + ", and ~ means nothing here",
                    "Write ${HOME} for it.");
        }
        return text;
    }

    private Setting<Path> absolute(Setting<Path> path) {
        return new Setting<>(path.value(), path.value().toString(), path.from());
    }

    private List<DestinationConfig> destinations(Section database, Policies policies) {
        List<YamlNode> nodes = database.nodes(TO);
        if (nodes.size() > WriterIdentity.MAX_STORES) {
            problems.add(
                    nodes.get(WriterIdentity.MAX_STORES).at(),
                    "to: found %d places, wanted %d at most"
                            .formatted(nodes.size(), WriterIdentity.MAX_STORES),
                    "Ship to fewer places.");
            return List.of();
        }
        List<DestinationConfig> destinations = new ArrayList<>();
        for (YamlNode node : nodes) {
            switch (node) {
                case YamlNode.Entries map ->
                        Section.of(map, "a destination", DESTINATION_KEYS, variables, problems)
                                .flatMap(section -> destination(section, policies))
                                .ifPresent(destinations::add);
                case YamlNode.Text _, YamlNode.Items _, YamlNode.Unusable _ ->
                        database.setting(node, TO, this::location)
                                .map(location ->
                                        destination(
                                                location,
                                                Optional.empty(),
                                                policies.bandwidth(),
                                                policies))
                                .ifPresent(destinations::add);
            }
        }
        return destinations;
    }

    private DestinationConfig destination(
            Setting<StoreLocation> location,
            Optional<Setting<UploadRate>> own,
            Setting<UploadBandwidth> bandwidth,
            Policies policies) {
        return new DestinationConfig(
                new Setting<>(location.value(), location.value().toString(), location.from()),
                own.or(policies::uploads)
                        .orElseGet(() -> DestinationConfig.usualUploads(location.value())),
                bandwidth);
    }

    private StoreLocation location(String text) {
        StoreLocation place = StoreLocation.parse(refuseTilde(text), folder);
        files.look(place);
        return place;
    }

    /// A place whose options may stand behind it, or as keys beside it.
    private Optional<DestinationConfig> destination(Section section, Policies policies) {
        Optional<Setting<UploadRate>> own =
                section.setting(Policies.UPLOADS, new UploadRateArgument()::convert);
        Setting<UploadBandwidth> bandwidth =
                section.setting(Policies.BANDWIDTH, new UploadBandwidthArgument()::convert)
                        .orElseGet(policies::bandwidth);
        if (!section.has(LOCATION)) {
            problems.add(
                    section.at(),
                    "a destination: found no " + LOCATION,
                    "Write location: and a folder, or s3://bucket/prefix.");
        }
        return section.setting(LOCATION, this::location)
                .map(place -> destination(withOptions(place, section), own, bandwidth, policies));
    }

    /// With the options one after the other, so that each is blamed for itself.
    private Setting<StoreLocation> withOptions(Setting<StoreLocation> place, Section section) {
        String url = place.text();
        for (String option : bucketOptions()) {
            String before = url;
            url =
                    section.setting(option, value -> withOption(before, option, value))
                            .map(Setting::value)
                            .orElse(before);
        }
        return new Setting<>(StoreLocation.parse(url, folder), url, place.from());
    }

    /// Of buckets of any kind. Which of them a bucket has its own kind says.
    private static List<String> bucketOptions() {
        return concat(S3Place.optionNames().stream(), GcsPlace.optionNames().stream())
                .distinct()
                .toList();
    }

    /// The URL with the option, which is one of a bucket's.
    private String withOption(String url, String option, String value) {
        if (StoreLocation.parse(url, folder) instanceof StoreLocation.Folder) {
            throw new SidecarException.BadUsage(
                    "this is an option of a bucket, and the location is a folder", "Leave it out.");
        }
        String longer = LocationOptions.withOption(url, option, value);
        files.look(StoreLocation.parse(longer, folder));
        return longer;
    }
}
