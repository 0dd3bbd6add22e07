package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A port of the container that the node publishes.
 *
 * @param container port inside the container, 1 to 65535
 * @param host port on the node, 1 to 65535; null: the agent picks one from 20000 to 29999 and reports it
 */
public record PortMapping(int container, @Nullable Integer host, Protocol protocol) {

    /** The transport whose ports are meant. */
    public enum Protocol {
        @JsonProperty("tcp")
        TCP,
        @JsonProperty("udp")
        UDP;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public PortMapping {
        check("ports.container", container);
        if (host != null) {
            check("ports.host", host);
        }
    }

    private static void check(String field, int port) {
        if (port < 1 || port > 65_535) {
            throw new InvalidField(field, String.valueOf(port), "must be from 1 to 65535");
        }
    }
}
