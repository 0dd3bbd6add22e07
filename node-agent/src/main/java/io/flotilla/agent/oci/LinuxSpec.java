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
        @Nullable Personality personality,
        @Nullable IntelRdt intelRdt,
        @Nullable MemoryPolicy memoryPolicy,
        Map<String, NetDevice> netDevices) {

    public LinuxSpec {
        namespaces = Lists.copy(namespaces);
        uidMappings = Lists.copy(uidMappings);
        gidMappings = Lists.copy(gidMappings);
        timeOffsets = Lists.copy(timeOffsets);
        devices = Lists.copy(devices);
        sysctl = Lists.copy(sysctl);
        maskedPaths = Lists.copy(maskedPaths);
        readonlyPaths = Lists.copy(readonlyPaths);
        netDevices = Lists.copy(netDevices);
    }

    /** Whether the container gets a namespace of its own of this type. */
    public boolean owns(NamespaceType type) {
        return namespaces.stream().anyMatch(n -> n.type() == type && n.path() == null);
    }

    /** Whether the container is not in this process's namespace of the type: in a new one or in one that it joins. */
    public boolean lists(NamespaceType type) {
        return namespaces.stream().anyMatch(n -> n.type() == type);
    }

    /** The limits; empty ones if the spec has none. */
    public Resources limits() {
        return resources == null ? Resources.none() : resources;
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

    /** {@code domain} is LINUX or LINUX32. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Personality(String domain, List<String> flags) {
        public Personality {
            flags = Lists.copy(flags);
        }
    }

    /** The group of Intel's resource director that the container joins, and the lines of its {@code schemata}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record IntelRdt(
            @JsonProperty("closID") @Nullable String closId,
            List<String> schemata,
            @Nullable String l3CacheSchema,
            @Nullable String memBwSchema,
            @Nullable Boolean enableMonitoring) {
        public IntelRdt {
            schemata = Lists.copy(schemata);
        }
    }

    /** {@code mode} as {@code MPOL_BIND}, {@code nodes} as {@code 0-3,7}, {@code flags} as {@code MPOL_F_STATIC_NODES}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record MemoryPolicy(String mode, @Nullable String nodes, List<String> flags) {
        public MemoryPolicy {
            flags = Lists.copy(flags);
        }
    }

    /** A network interface of the host that moves into the container; {@code name} is its new name, null keeps the old. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NetDevice(@Nullable String name) {}
}
