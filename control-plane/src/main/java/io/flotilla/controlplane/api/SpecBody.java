package io.flotilla.controlplane.api;

import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A revision's spec as the API shows it; sent back as a request it means the same. */
record SpecBody(
        String image,
        String digest,
        @Nullable List<String> command,
        @Nullable List<String> args,
        Map<String, String> env,
        @Nullable String workingDir,
        @Nullable String user,
        @Nullable String hostName,
        boolean tty,
        boolean stdin,
        ResourcesBody resources,
        List<PortMapping> ports,
        String restart,
        boolean singleton,
        Map<String, String> constraints,
        @Nullable String stopSignal,
        long stopGraceMillis,
        String userns,
        String network,
        boolean readOnlyRootfs,
        List<String> capAdd,
        List<String> capDrop) {

    /**
     * Limits of one replica.
     *
     * @param cpu number of cores
     * @param memory in bytes
     */
    record ResourcesBody(
            BigDecimal cpu,
            long memory,
            @Nullable Long cpuShares,
            @Nullable Long memoryReservation,
            long swap,
            long pids) {

        static ResourcesBody of(Resources resources) {
            BigDecimal cores =
                    new BigDecimal(resources.cpuMillis()).movePointLeft(3).stripTrailingZeros();
            return new ResourcesBody(
                    cores.scale() < 0 ? cores.setScale(0) : cores,
                    resources.memoryBytes(),
                    resources.cpuShares(),
                    resources.memoryReservationBytes(),
                    resources.swapBytes(),
                    resources.pids());
        }
    }

    static SpecBody of(RevisionSpec spec) {
        return new SpecBody(
                spec.image().familiar(),
                spec.digest().value(),
                spec.command(),
                spec.args(),
                spec.env(),
                spec.workingDir(),
                spec.user(),
                spec.hostName(),
                spec.tty(),
                spec.stdin(),
                ResourcesBody.of(spec.resources()),
                spec.ports(),
                spec.restart().word(),
                spec.singleton(),
                spec.constraints(),
                spec.stopSignal(),
                spec.stopGraceMillis(),
                word(spec.userns()),
                word(spec.network()),
                spec.readOnlyRootfs(),
                spec.capAdd(),
                spec.capDrop());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT);
    }
}
