package dev.holdfast.cli.config;

import dev.holdfast.cli.argument.DurationArgument;
import dev.holdfast.cli.argument.RestoreTimeArgument;
import dev.holdfast.cli.argument.SizeArgument;
import dev.holdfast.cli.argument.UploadBandwidthArgument;
import dev.holdfast.cli.argument.UploadRateArgument;
import dev.holdfast.format.Codec;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.FollowerOptions;
import dev.holdfast.replicator.SnapshotPolicy;
import dev.holdfast.replicator.SpoolPolicy;
import dev.holdfast.replicator.UploadBandwidth;
import dev.holdfast.replicator.UploadRate;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How a database is followed: what a database may say for itself, and `defaults` for all of them.
///
/// @param rto how long a restore may take
/// @param grace how long a stop may take
/// @param uploads how often commits may be sent to a place that does not say so itself; empty for
///   what is usual for its kind
/// @param bandwidth how much may be sent to one that does not say so itself
/// @param spoolLimit bytes that may wait here; empty for what the disk has room for
/// @param spoolFull what happens then
public record Policies(
        Setting<Duration> rto,
        Setting<Duration> grace,
        Optional<Setting<UploadRate>> uploads,
        Setting<UploadBandwidth> bandwidth,
        Setting<OptionalLong> spoolLimit,
        Setting<SpoolPolicy.WhenFull> spoolFull,
        Setting<Codec> codec) {
    static final String RTO = "rto";
    static final String GRACE = "grace";
    static final String UPLOADS = "uploads-per-second";
    static final String BANDWIDTH = "upload-bandwidth";
    static final String SPOOL_LIMIT = "spool-limit";
    static final String SPOOL_FULL = "spool-full";
    static final String CODEC = "codec";

    static final List<String> KEYS =
            List.of(RTO, GRACE, UPLOADS, BANDWIDTH, SPOOL_LIMIT, SPOOL_FULL, CODEC);

    /// What holds where neither file nor flag says anything.
    static final Policies DEFAULT =
            new Policies(
                    Setting.byDefault(
                            SnapshotPolicy.DEFAULT_RTO, seconds(SnapshotPolicy.DEFAULT_RTO)),
                    Setting.byDefault(
                            FollowerOptions.DEFAULT_GRACE, seconds(FollowerOptions.DEFAULT_GRACE)),
                    Optional.empty(),
                    Setting.byDefault(UploadBandwidth.UNLIMITED, "unlimited"),
                    Setting.byDefault(
                            SpoolPolicy.DEFAULT.limit(),
                            "a tenth of what is free on the disk of the state folder, 256MB at"
                                    + " least"),
                    Setting.byDefault(
                            SpoolPolicy.DEFAULT.whenFull(),
                            SpoolPolicy.DEFAULT.whenFull().toString()),
                    Setting.byDefault(Codec.ZSTD, Codec.ZSTD.toString()));

    private static String seconds(Duration duration) {
        return duration.toSeconds() + "s";
    }

    /// What the section says, and for the rest what holds otherwise.
    static Policies read(Section section, Policies otherwise) {
        return new Policies(
                section.setting(RTO, new RestoreTimeArgument()::convert).orElse(otherwise.rto),
                section.setting(GRACE, new DurationArgument()::convert).orElse(otherwise.grace),
                section.setting(UPLOADS, new UploadRateArgument()::convert)
                        .or(() -> otherwise.uploads),
                section.setting(BANDWIDTH, new UploadBandwidthArgument()::convert)
                        .orElse(otherwise.bandwidth),
                section.setting(SPOOL_LIMIT, Policies::size).orElse(otherwise.spoolLimit),
                section.setting(SPOOL_FULL, oneOf(SpoolPolicy.WhenFull.values()))
                        .orElse(otherwise.spoolFull),
                section.setting(CODEC, oneOf(Codec.values())).orElse(otherwise.codec));
    }

    private static OptionalLong size(String text) {
        return OptionalLong.of(new SizeArgument().convert(text));
    }

    private static <E extends Enum<E>> Function<String, E> oneOf(E[] values) {
        return text ->
                Arrays.stream(values)
                        .filter(value -> value.toString().equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(() -> {
                            String all =
                                    Arrays.stream(values)
                                            .map(Enum::toString)
                                            .collect(Collectors.joining(" or "));
                            return new SidecarException.BadUsage(
                                    "found \"" + text + "\", wanted " + all, "Write " + all + ".");
                        });
    }
}
