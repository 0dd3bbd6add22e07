package io.flotilla.agent.oci;

import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.RestartPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Allocations for tests: a quarter of a core, 64 MiB, 256 processes, no ports; change what a test is about. */
public final class Allocations {

    private UUID id = UUID.randomUUID();
    private @Nullable List<String> command = null;
    private @Nullable List<String> args;
    private Map<String, String> env = Map.of();
    private @Nullable String workingDir;
    private @Nullable String user;
    private boolean tty;
    private boolean stdin;
    private io.flotilla.protocol.Resources resources =
            new io.flotilla.protocol.Resources(250, 64 << 20, null, null, 0, 256);
    private @Nullable String stopSignal;
    private AllocationSpec.Isolation userns = AllocationSpec.Isolation.PRIVATE;
    private AllocationSpec.Network network = AllocationSpec.Network.NONE;
    private List<PortMapping> ports = List.of();
    private boolean readOnly;
    private List<String> add = List.of();
    private List<String> drop = List.of();

    private Allocations() {}

    public static Allocations of() {
        return new Allocations();
    }

    public Allocations id(UUID value) {
        id = value;
        return this;
    }

    public Allocations command(@Nullable List<String> value) {
        command = value;
        return this;
    }

    public Allocations args(@Nullable List<String> value) {
        args = value;
        return this;
    }

    public Allocations env(Map<String, String> value) {
        env = value;
        return this;
    }

    public Allocations workingDir(String value) {
        workingDir = value;
        return this;
    }

    public Allocations user(String value) {
        user = value;
        return this;
    }

    public Allocations tty() {
        tty = true;
        stdin = true;
        return this;
    }

    public Allocations stdin() {
        stdin = true;
        return this;
    }

    public Allocations resources(long cpuMillis, long memoryBytes, long pids) {
        resources = new io.flotilla.protocol.Resources(cpuMillis, memoryBytes, null, null, 0, pids);
        return this;
    }

    public Allocations stopSignal(String value) {
        stopSignal = value;
        return this;
    }

    public Allocations userns(AllocationSpec.Isolation value) {
        userns = value;
        return this;
    }

    public Allocations network(AllocationSpec.Network value) {
        network = value;
        return this;
    }

    public Allocations ports(List<PortMapping> value) {
        ports = value;
        return this;
    }

    public Allocations readOnlyRootfs() {
        readOnly = true;
        return this;
    }

    public Allocations capabilities(List<String> added, List<String> dropped) {
        add = added;
        drop = dropped;
        return this;
    }

    public AllocationSpec build() {
        return new AllocationSpec(
                id,
                UUID.randomUUID(),
                "test",
                "default",
                1,
                ImageName.parse("flotilla/test:1"),
                Digest.sha256("test".getBytes(StandardCharsets.UTF_8)),
                command,
                args,
                env,
                workingDir,
                user,
                null,
                tty,
                stdin,
                resources,
                ports,
                RestartPolicy.valueOf("NEVER"),
                stopSignal,
                1000,
                userns,
                network,
                readOnly,
                add,
                drop);
    }
}
