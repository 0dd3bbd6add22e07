package io.flotilla.agent.link;

import io.flotilla.agent.ledger.DurableFile;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Which control plane this host is a node of.
 *
 * @param server its address, http or https
 * @param fingerprint SHA-256 of its identity key, 64 hex digits, from the join line
 */
public record Membership(Server server, UUID nodeId, String name, UUID controlPlaneId, String fingerprint) {

    /** Reads it; empty on a host that has not joined. */
    public static Optional<Membership> read(Path agentDirectory) throws IOException {
        Path file = agentDirectory.resolve("membership");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Codec.decode(Files.readString(file), Membership.class));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes it, durably. */
    public void write(Path agentDirectory) throws IOException {
        DurableFile.write(agentDirectory.resolve("membership"), Codec.encode(this));
    }

    /** The same membership at another address of the same control plane. */
    public Membership at(Server other) {
        return new Membership(other, nodeId, name, controlPlaneId, fingerprint);
    }
}
