package io.flotilla.agent.plan;

import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import io.flotilla.protocol.RestartPolicy;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Allocations for tests. */
public final class Specs {

    public static final Digest DIGEST = Digest.sha256(new byte[] {1});

    private Specs() {}

    /** The id that ends in this number. */
    public static UUID id(int number) {
        return UUID.fromString("0198c0de-0000-7000-8000-%012d".formatted(number));
    }

    public static AllocationSpec allocation(int number, RestartPolicy restart) {
        return new AllocationSpec(
                id(number),
                id(900),
                "hello",
                "default",
                1,
                ImageName.parse("flotilla/sample:latest"),
                DIGEST,
                null,
                null,
                Map.of(),
                null,
                null,
                null,
                false,
                false,
                new Resources(250, 64 << 20, null, null, 0, 512),
                List.of(new PortMapping(8080, null, PortMapping.Protocol.TCP)),
                restart,
                null,
                10_000,
                AllocationSpec.Isolation.PRIVATE,
                AllocationSpec.Network.BRIDGE,
                false,
                List.of(),
                List.of());
    }
}
