package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything a node needs to run one allocation. It never changes during the allocation's life: a new revision makes
 * new allocations.
 *
 * @param allocationId UUIDv7
 * @param workload the workload's name, for the container's host name and for people
 * @param team the team's name
 * @param revision the revision's number, from 1
 * @param image the name as it was given, normalised
 * @param digest the manifest or index digest the name was resolved to when the revision was made
 * @param command replaces the image's entry point; null: the image's
 * @param args replaces the image's command; null: the image's
 * @param env added to the image's environment, overriding equal names
 * @param workingDir null: the image's
 * @param user {@code user[:group]} by name or number; null: the image's
 * @param hostName null: the last twelve hex digits of the allocation's id (the first are its time)
 * @param tty a terminal instead of three pipes
 * @param stdin keeps standard input open for attach
 * @param stopSignal name ({@code SIGTERM}) or number; null: the image's, else SIGTERM
 * @param stopGraceMillis time between the stop signal and SIGKILL, in milliseconds
 * @param userns {@code private}: an id range of its own; {@code host}: none, an explicit and audited choice
 * @param network {@code bridge}, {@code host} or {@code none}
 * @param capAdd capabilities beyond the default set, as in {@code NET_ADMIN}
 * @param capDrop capabilities taken from the default set; {@code ALL} empties it
 */
public record AllocationSpec(
        UUID allocationId,
        UUID workloadId,
        String workload,
        String team,
        int revision,
        ImageName image,
        Digest digest,
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
        @Nullable String stopSignal,
        long stopGraceMillis,
        Isolation userns,
        Network network,
        boolean readOnlyRootfs,
        List<String> capAdd,
        List<String> capDrop) {

    /** Whether the container gets a user namespace of its own. */
    public enum Isolation {
        @JsonProperty("private")
        PRIVATE,
        @JsonProperty("host")
        HOST
    }

    /** The container's network. */
    public enum Network {
        @JsonProperty("bridge")
        BRIDGE,
        @JsonProperty("host")
        HOST,
        @JsonProperty("none")
        NONE
    }

    public AllocationSpec {
        command = command == null ? null : List.copyOf(command);
        args = args == null ? null : List.copyOf(args);
        env = Map.copyOf(env);
        ports = List.copyOf(ports);
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        if (stopGraceMillis < 0 || stopGraceMillis > 3_600_000) {
            throw new InvalidField("stopGraceMillis", String.valueOf(stopGraceMillis), "must be from 0 to 3600000");
        }
    }
}
