package io.flotilla.controlplane.workload;

import io.flotilla.protocol.AllocationSpec.Isolation;
import io.flotilla.protocol.AllocationSpec.Network;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import io.flotilla.protocol.RestartPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one replica of a workload is; immutable once it is a revision.
 *
 * @param image as it was asked for
 * @param digest what the name meant when the revision was made; every node runs this
 * @param architectures that the image has; empty: unknown
 * @param command replaces the image's entry point; null: the image's
 * @param args replaces the image's command; null: the image's
 * @param singleton never two at once, not even while a node is silent
 * @param constraints labels that a node must have to run it
 */
public record RevisionSpec(
        ImageName image,
        Digest digest,
        Set<String> architectures,
        @Nullable List<String> command,
        @Nullable List<String> args,
        Map<String, String> env,
        @Nullable String workingDir,
        @Nullable String user,
        @Nullable String hostName,
        boolean tty,
        boolean stdin,
        Resources resources,
        List<PortMapping> ports,
        RestartPolicy restart,
        boolean singleton,
        Map<String, String> constraints,
        @Nullable String stopSignal,
        long stopGraceMillis,
        Isolation userns,
        Network network,
        boolean readOnlyRootfs,
        List<String> capAdd,
        List<String> capDrop) {

    public RevisionSpec {
        architectures = Set.copyOf(architectures);
        command = command == null ? null : List.copyOf(command);
        args = args == null ? null : List.copyOf(args);
        env = Map.copyOf(env);
        ports = List.copyOf(ports);
        constraints = Map.copyOf(constraints);
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
    }

    /** The same with every environment value hidden. */
    RevisionSpec masked() {
        Map<String, String> hidden = new java.util.HashMap<>();
        env.keySet().forEach(name -> hidden.put(name, "***"));
        return new RevisionSpec(
                image,
                digest,
                architectures,
                command,
                args,
                hidden,
                workingDir,
                user,
                hostName,
                tty,
                stdin,
                resources,
                ports,
                restart,
                singleton,
                constraints,
                stopSignal,
                stopGraceMillis,
                userns,
                network,
                readOnlyRootfs,
                capAdd,
                capDrop);
    }
}
