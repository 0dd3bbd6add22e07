package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is; sent at the start of every session and when it changes.
 *
 * @param arch as OCI names it: {@code amd64}, {@code arm64}
 * @param cpuMillis usable CPU in thousandths of a core
 * @param memoryBytes physical memory in bytes
 * @param bootId of the running kernel
 * @param addresses the node's own addresses, without loopback and bridges of containers
 */
public record NodeFacts(
        String hostName,
        String os,
        String kernel,
        String arch,
        CgroupMode cgroups,
        long cpuMillis,
        long memoryBytes,
        String bootId,
        String agentVersion,
        List<String> addresses,
        List<Check> checks) {

    public NodeFacts {
        addresses = List.copyOf(addresses);
        checks = List.copyOf(checks);
    }

    /** Which cgroup hierarchies carry the controllers. */
    public enum CgroupMode {
        @JsonProperty("v1")
        V1,
        @JsonProperty("hybrid")
        HYBRID,
        @JsonProperty("v2")
        V2
    }

    /**
     * One preflight row.
     *
     * @param name as in {@code kernel}, {@code cgroup}, {@code disk}, {@code clock}
     * @param detail one sentence: what was found
     * @param remedy the command that mends a failure; null when there is none or none is needed
     */
    public record Check(
            String name,
            Result result,
            String detail,
            @Nullable String remedy) {

        /** How a check ended. */
        public enum Result {
            @JsonProperty("ok")
            OK,
            @JsonProperty("warning")
            WARNING,
            @JsonProperty("failed")
            FAILED
        }
    }
}
