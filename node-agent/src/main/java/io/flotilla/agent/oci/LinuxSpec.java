package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code linux} of the runtime specification. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LinuxSpec(
        List<Namespace> namespaces,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        Map<String, TimeOffset> timeOffsets,
        List<Device> devices,
        @Nullable String cgroupsPath,
        @Nullable Resources resources,
        @Nullable String rootfsPropagation,
        @Nullable SeccompSpec seccomp,
        Map<String, String> sysctl,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        @Nullable String mountLabel,
        @Nullable Personality personality) {

    public LinuxSpec {
        namespaces = Lists.copy(namespaces);
        uidMappings = Lists.copy(uidMappings);
        gidMappings = Lists.copy(gidMappings);
        timeOffsets = Lists.copy(timeOffsets);
        devices = Lists.copy(devices);
        sysctl = Lists.copy(sysctl);
        maskedPaths = Lists.copy(maskedPaths);
        readonlyPaths = Lists.copy(readonlyPaths);
    }

    /** Whether the container gets a namespace of its own of this type. */
    public boolean owns(NamespaceType type) {
        return namespaces.stream().anyMatch(n -> n.type() == type && n.path() == null);
    }

    /** The limits; empty ones if the spec has none. */
    public Resources limits() {
        return resources == null ? new Resources(List.of(), null, null, null, null, List.of(), Map.of()) : resources;
    }

    public enum NamespaceType {
        @JsonProperty("pid")
        PID,
        @JsonProperty("network")
        NETWORK,
        @JsonProperty("mount")
        MOUNT,
        @JsonProperty("ipc")
        IPC,
        @JsonProperty("uts")
        UTS,
        @JsonProperty("user")
        USER,
        @JsonProperty("cgroup")
        CGROUP,
        @JsonProperty("time")
        TIME
    }

    /** A namespace to make (no path) or to join (path); a type that is not listed is the caller's own. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Namespace(NamespaceType type, @Nullable String path) {}

    @JsonInclude
    public record IdMapping(
            @JsonProperty("containerID") long containerId,
            @JsonProperty("hostID") long hostId,
            long size) {}

    @JsonInclude
    public record TimeOffset(long secs, long nanosecs) {}

    /** {@code type} is c, u, b or p. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Device(
            String path,
            String type,
            @Nullable Long major,
            @Nullable Long minor,
            @Nullable Integer fileMode,
            @Nullable Long uid,
            @Nullable Long gid) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Personality(String domain, List<String> flags) {
        public Personality {
            flags = Lists.copy(flags);
        }
    }
}
