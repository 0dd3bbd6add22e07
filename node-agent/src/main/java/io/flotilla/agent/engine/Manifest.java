package io.flotilla.agent.engine;

import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.agent.oci.SpecJson;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the agent must remember of a container besides the shim's record, kept in the container's runtime directory: an
 * agent that comes later knows it from here.
 *
 * @param filter digest of the system call filter's profile
 * @param startedAt null until the program runs
 */
record Manifest(
        AllocationSpec.Network network,
        int stopSignal,
        Digest image,
        @Nullable Digest filter,
        @Nullable Instant startedAt,
        List<PortMapping> ports,
        @Nullable String address) {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String MANIFEST = "container.json";
    private static final String CONFIG = "config.json";

    Manifest {
        ports = ports == null ? List.of() : List.copyOf(ports);
    }

    Manifest attached(List<PortMapping> published, @Nullable String own) {
        return new Manifest(network, stopSignal, image, filter, startedAt, published, own);
    }

    Manifest started(Instant time) {
        return new Manifest(network, stopSignal, image, filter, time, ports, address);
    }

    void write(Path directory) throws IOException {
        PrivateFiles.replace(directory.resolve(MANIFEST), MAPPER.writeValueAsString(this));
    }

    /** Empty if the agent died before it had written one; then there was no shim either. */
    static Optional<Manifest> read(Path directory) throws IOException {
        try {
            return Optional.of(MAPPER.readValue(Files.readString(directory.resolve(MANIFEST)), Manifest.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new IOException(directory.resolve(MANIFEST) + " is damaged", e);
        }
    }

    static void writeSpec(Path directory, RuntimeSpec spec) throws IOException {
        PrivateFiles.replace(directory.resolve(CONFIG), SpecJson.write(spec));
    }

    static RuntimeSpec readSpec(Path directory) throws IOException {
        return SpecJson.read(Files.readString(directory.resolve(CONFIG)));
    }
}
