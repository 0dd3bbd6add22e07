package io.flotilla.protocol.registry;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the registry that an image name leads to.
 *
 * @param endpoint scheme, host and port to ask instead of the host in the name; always given for local images
 * @param insecure whether plain HTTP is allowed to a host that is not this machine
 */
public record RegistryAccess(@Nullable URI endpoint, boolean insecure, Login login) {

    public RegistryAccess {
        login = login == null ? new Login.Anonymous() : login;
        if (endpoint != null && (endpoint.getHost() == null || endpoint.getRawUserInfo() != null)) {
            throw new IllegalArgumentException(
                    "registry endpoint \"" + endpoint + "\" is no URL of scheme, host and port");
        }
    }

    /** The registry of the name itself, as nobody. */
    public static RegistryAccess anonymous() {
        return new RegistryAccess(null, false, new Login.Anonymous());
    }

    /** The registry of the name itself, as somebody. */
    public static RegistryAccess of(Login login) {
        return new RegistryAccess(null, false, login);
    }
}
