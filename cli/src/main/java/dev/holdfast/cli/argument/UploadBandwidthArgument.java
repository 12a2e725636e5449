package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadBandwidth;

import picocli.CommandLine.ITypeConverter;

/// Bytes a second on the command line: `2MB`, `500kB`, `unlimited`.
public final class UploadBandwidthArgument implements ITypeConverter<UploadBandwidth> {
    private static final String UNLIMITED = "unlimited";

    @Override
    public UploadBandwidth convert(String text) {
        if (text.equals(UNLIMITED)) {
            return UploadBandwidth.UNLIMITED;
        }
        try {
            return UploadBandwidth.of(new SizeArgument().convert(text));
        } catch (SidecarException refusal) {
            throw new SidecarException.BadUsage(
                    "found \""
                            + text
                            + "\", wanted bytes a second such as 500kB or 2MB, or unlimited",
                    refusal.remedy());
        }
    }
}
