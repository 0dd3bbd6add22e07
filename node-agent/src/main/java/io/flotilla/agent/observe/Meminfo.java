package io.flotilla.agent.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The two lines of /proc/meminfo (proc_meminfo(5)) that matter here, in bytes. */
record Meminfo(long totalBytes, long availableBytes) {

    static Meminfo read() throws IOException {
        long total = 0;
        long available = 0;
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                total = kibibytes(line);
            } else if (line.startsWith("MemAvailable:")) {
                available = kibibytes(line);
            }
        }
        return new Meminfo(total, available);
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }
}
