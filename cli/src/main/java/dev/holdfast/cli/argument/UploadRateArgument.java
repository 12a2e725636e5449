package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadRate;

import picocli.CommandLine.ITypeConverter;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Uploads a second on the command line: `1`, `0.2`, `20`, `unlimited`.
public final class UploadRateArgument implements ITypeConverter<UploadRate> {
    private static final String UNLIMITED = "unlimited";
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,3}))?");
    private static final int MAX_THOUSANDTHS = 1_000_000;
    private static final long NANOS_OF_ONE_THOUSANDTH = 1_000_000_000_000L;

    @Override
    public UploadRate convert(String text) {
        if (text.equals(UNLIMITED)) {
            return UploadRate.UNLIMITED;
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw refused(text);
        }
        String fraction = form.group(2) == null ? "" : form.group(2);
        // No BigDecimal: Java takes 20 ms to load it, at each start of the command
        int thousandths = Integer.parseInt(form.group(1) + (fraction + "000").substring(0, 3));
        if (thousandths == 0 || thousandths > MAX_THOUSANDTHS) {
            throw refused(text);
        }
        long nanos = (NANOS_OF_ONE_THOUSANDTH + thousandths / 2) / thousandths;
        return new UploadRate(Duration.ofNanos(nanos), UploadRate.DEFAULT_BURST);
    }

    private static SidecarException refused(String text) {
        return new SidecarException.BadUsage(
                "found \"" + text + "\", wanted uploads a second, 0.001 to 1000, or unlimited",
                "Write 0.2 for one in five seconds.");
    }
}
