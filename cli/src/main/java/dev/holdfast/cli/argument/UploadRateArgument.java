package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.replicator.UploadRate;

import picocli.CommandLine.ITypeConverter;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Pattern;

/// Uploads a second on the command line: `1`, `0.2`, `20`, `unlimited`.
public final class UploadRateArgument implements ITypeConverter<UploadRate> {
    private static final String UNLIMITED = "unlimited";
    private static final Pattern FORM = Pattern.compile("\\d{1,4}(\\.\\d{1,3})?");
    private static final BigDecimal MAX = new BigDecimal(1_000);
    private static final BigDecimal NANOS = new BigDecimal(1_000_000_000);

    @Override
    public UploadRate convert(String text) {
        if (text.equals(UNLIMITED)) {
            return UploadRate.UNLIMITED;
        }
        if (!FORM.matcher(text).matches()) {
            throw refused(text);
        }
        BigDecimal perSecond = new BigDecimal(text);
        if (perSecond.signum() == 0 || perSecond.compareTo(MAX) > 0) {
            throw refused(text);
        }
        long nanos = NANOS.divide(perSecond, RoundingMode.HALF_UP).longValueExact();
        return new UploadRate(Duration.ofNanos(nanos), UploadRate.DEFAULT_BURST);
    }

    private static SidecarException refused(String text) {
        return new SidecarException.BadUsage(
                "found \"" + text + "\", wanted uploads a second, 0.001 to 1000, or unlimited",
                "Write 0.2 for one in five seconds.");
    }
}
