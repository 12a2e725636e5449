package dev.holdfast.tests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What a process has used, as Linux counts it.
final class ProcessUse {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ of Linux, everywhere

    private ProcessUse() {}

    /// Processor time of all its threads, in seconds.
    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /// Resident memory now, in megabytes.
    static double residentMegabytes(long pid) throws IOException {
        return megabytes(pid, "VmRSS:");
    }

    /// The most resident memory so far, in megabytes.
    static double peakMegabytes(long pid) throws IOException {
        return megabytes(pid, "VmHWM:");
    }

    private static double megabytes(long pid, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith(name)) {
                String kilobytes = line.replaceAll("[^0-9]", "");
                return Long.parseLong(kilobytes) / 1024.0;
            }
        }
        throw new NoSuchFileException("no " + name + " of process " + pid);
    }
}
