package io.flotilla.protocol;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a node and its containers.
 *
 * @param cpuUsedMillis CPU in use since the previous sample, in thousandths of a core
 * @param memoryUsedBytes memory not available to new programs
 * @param diskUsedBytes and diskTotalBytes: the file system below the data directory
 */
public record NodeSample(
        Instant time,
        long cpuUsedMillis,
        long memoryUsedBytes,
        long diskUsedBytes,
        long diskTotalBytes,
        List<Container> containers) {

    public NodeSample {
        containers = List.copyOf(containers);
    }

    /**
     * One reading of a container. Counters count from the attempt's start.
     *
     * @param cpuUsedMillis since the previous sample, in thousandths of a core
     * @param throttledMillis total time the CPU limit held it back, in milliseconds
     * @param memoryBytes including its page cache
     * @param memoryWorkingBytes without inactive page cache
     * @param cpuPressure share of the last 10 s in which some task waited for CPU, 0 to 100; null: unavailable
     * @param memoryPressure the same for memory
     */
    public record Container(
            UUID allocationId,
            int attempt,
            long cpuUsedMillis,
            long throttledMillis,
            long memoryBytes,
            long memoryWorkingBytes,
            long pids,
            long networkReceivedBytes,
            long networkSentBytes,
            @Nullable Double cpuPressure,
            @Nullable Double memoryPressure) {}
}
