package io.flotilla.controlplane.image;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a registry is reached, and as whom. The password is never shown.
 *
 * @param username empty: without a login
 * @param insecure whether plain HTTP may be spoken with it
 * @param authorities PEM certificates of authorities that may vouch for it beside those that every Java knows
 * @param mirrors host with optional port and path, asked before it in this order
 */
public record RegistryLogin(
        String registry,
        String username,
        boolean insecure,
        @Nullable String authorities,
        List<String> mirrors,
        Instant changed) {

    public RegistryLogin {
        mirrors = List.copyOf(mirrors);
    }
}
