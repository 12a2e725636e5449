package dev.holdfast.cli.output;

import java.time.Duration;

/// How far a job of known size is: bytes, rate and time left, from what was done so far.
public final class Transfer {
    /// Before this the rate says more about the start than about the job.
    private static final long SETTLING_NANOS = 300_000_000;

    private final String what;
    private final long totalBytes;
    private final long startNanos;

    /// @param what a verb, such as `restoring`
    public Transfer(String what, long totalBytes, long nowNanos) {
        this.what = what;
        this.totalBytes = totalBytes;
        this.startNanos = nowNanos;
    }

    /// For example `restoring 312 MB of 1.00 GB, 31 %, 412 MB/s, 1.6 s left`.
    public String describe(long doneBytes, long nowNanos) {
        StringBuilder text = new StringBuilder(what).append(' ').append(Amounts.size(doneBytes));
        if (totalBytes > 0) {
            // Only what is complete is 100 %.
            long percent = Math.min(100, (long) (100.0 * doneBytes / totalBytes));
            text.append(" of ").append(Amounts.size(totalBytes));
            text.append(", ").append(percent).append(" %");
        }
        long nanos = nowNanos - startNanos;
        if (nanos < SETTLING_NANOS || doneBytes == 0) {
            return text.toString();
        }
        double bytesPerSecond = doneBytes * 1e9 / nanos;
        text.append(", ").append(Amounts.size((long) bytesPerSecond)).append("/s");
        if (totalBytes > doneBytes) {
            long millisLeft = (long) ((totalBytes - doneBytes) * 1000.0 / bytesPerSecond);
            text.append(", ").append(Amounts.duration(Duration.ofMillis(millisLeft)));
            text.append(" left");
        }
        return text.toString();
    }
}
