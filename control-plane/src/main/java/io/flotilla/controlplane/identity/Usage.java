package io.flotilla.controlplane.identity;

/**
 * What a team's quota counts: the reserved sum, or a change of it, whose numbers may be negative.
 *
 * @param cpuMillis thousandths of a core
 * @param memoryBytes bytes
 * @param replicas desired replicas
 * @param ports published ports, counted per replica
 */
public record Usage(long cpuMillis, long memoryBytes, long replicas, long ports) {

    public static final Usage NONE = new Usage(0, 0, 0, 0);

    public Usage plus(Usage other) {
        return new Usage(
                Math.addExact(cpuMillis, other.cpuMillis),
                Math.addExact(memoryBytes, other.memoryBytes),
                Math.addExact(replicas, other.replicas),
                Math.addExact(ports, other.ports));
    }

    public Usage minus(Usage other) {
        return plus(other.negated());
    }

    public Usage negated() {
        return new Usage(-cpuMillis, -memoryBytes, -replicas, -ports);
    }

    public Usage times(long factor) {
        return new Usage(
                Math.multiplyExact(cpuMillis, factor),
                Math.multiplyExact(memoryBytes, factor),
                Math.multiplyExact(replicas, factor),
                Math.multiplyExact(ports, factor));
    }
}
