package io.flotilla.protocol.registry;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the registry that an image name leads to.
 *
 * @param endpoint scheme, host and port to ask instead of the host in the name; always given for local images
 * @param insecure whether plain HTTP is allowed to a host that is not this machine
 * @param authorities PEM certificates of authorities that may vouch for it beside those that every Java knows; null for none
 * @param mirrors asked before it, in this order
 */
public record RegistryAccess(
        @Nullable URI endpoint,
        boolean insecure,
        Login login,
        @Nullable String authorities,
        List<Mirror> mirrors) {

    public RegistryAccess {
        login = login == null ? new Login.Anonymous() : login;
        mirrors = mirrors == null ? List.of() : List.copyOf(mirrors);
        if (endpoint != null && (endpoint.getHost() == null || endpoint.getRawUserInfo() != null)) {
            throw new IllegalArgumentException(
                    "registry endpoint \"" + endpoint + "\" is no URL of scheme, host and port");
        }
    }

    /** A registry without mirrors whose certificate, if it has one, every Java trusts. */
    public RegistryAccess(@Nullable URI endpoint, boolean insecure, Login login) {
        this(endpoint, insecure, login, null, List.of());
    }

    /** The registry of the name itself, as nobody. */
    public static RegistryAccess anonymous() {
        return of(new Login.Anonymous());
    }

    /** The registry of the name itself, as somebody. */
    public static RegistryAccess of(Login login) {
        return new RegistryAccess(null, false, login);
    }
}
