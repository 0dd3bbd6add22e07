package io.flotilla.controlplane.workload;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks for, as in the body of {@code POST /api/v1/workloads}; not yet checked. Only name, image and kind
 * are required; null means the default.
 *
 * @param team name of the team; {@code default} if null
 * @param kind {@code service} or {@code job}
 * @param command replaces the image's entry point
 * @param args replaces the image's command
 * @param restart {@code always}, {@code on-failure} or {@code never}; a service's default is always, a job's never
 */
public record WorkloadRequest(
        @Nullable String name,
        @Nullable String team,
        @Nullable String kind,
        @Nullable String image,
        @Nullable Integer replicas,
        @Nullable ResourcesRequest resources,
        @Nullable List<PortRequest> ports,
        @Nullable List<String> command,
        @Nullable List<String> args,
        @Nullable Map<String, String> env,
        @Nullable String workingDir,
        @Nullable String user,
        @Nullable String hostName,
        @Nullable String restart,
        @Nullable Boolean tty,
        @Nullable Boolean stdin,
        @Nullable Boolean singleton,
        @Nullable Map<String, String> constraints,
        @Nullable String stopSignal,
        @Nullable Long stopGraceMillis,
        @Nullable String userns,
        @Nullable String network,
        @Nullable Boolean readOnlyRootfs,
        @Nullable List<String> capAdd,
        @Nullable List<String> capDrop) {

    /**
     * What one replica may use.
     *
     * @param cpu number of cores, as in 0.25
     * @param memory an integer of bytes, or a string as in {@code 64Mi}
     * @param memoryReservation and swap: likewise
     */
    public record ResourcesRequest(
            @Nullable BigDecimal cpu,
            @Nullable Object memory,
            @Nullable Long cpuShares,
            @Nullable Object memoryReservation,
            @Nullable Object swap,
            @Nullable Long pids) {

        /** Bytes of memory where none are asked for. */
        public static final long USUAL_MEMORY = 256L << 20;
    }

    /**
     * A port to publish.
     *
     * @param host null: the node picks one
     * @param protocol {@code tcp} (the default) or {@code udp}
     */
    public record PortRequest(
            @JsonProperty("container") @Nullable Integer container,
            @Nullable Integer host,
            @Nullable String protocol) {}

    /** The path of a workload in a request for several. */
    public static String part(int index) {
        return "workloads[" + index + "]";
    }

    /** Only what must be given; everything else by default. */
    public static WorkloadRequest of(String name, String kind, String image) {
        return new WorkloadRequest(
                name, null, kind, image, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null);
    }
}
