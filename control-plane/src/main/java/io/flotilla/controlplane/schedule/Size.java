package io.flotilla.controlplane.schedule;

/**
 * An amount of what is reserved.
 *
 * @param cpuMillis thousandths of a core
 */
public record Size(long cpuMillis, long memoryBytes) {

    public static final Size NONE = new Size(0, 0);

    public Size plus(Size other) {
        return new Size(cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes);
    }

    public Size minus(Size other) {
        return new Size(cpuMillis - other.cpuMillis, memoryBytes - other.memoryBytes);
    }
}
