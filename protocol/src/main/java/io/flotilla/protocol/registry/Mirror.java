package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server that has copies of a registry's images and is asked before it.
 *
 * @param location host with optional port and path; the path goes before the repository's name
 * @param insecure whether plain HTTP is allowed to a host that is not this machine
 * @param authorities PEM certificates of further authorities that may vouch for it; null for none
 */
public record Mirror(
        String location, boolean insecure, @Nullable String authorities, Login login) {

    private static final Pattern LOCATION = Pattern.compile(
            "(?:[a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9])?|\\[[0-9a-f:]+])(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*");

    public Mirror {
        if (location.length() > 255 || !LOCATION.matcher(location).matches()) {
            throw new IllegalArgumentException("mirror \"" + location
                    + "\" is no host in lower case with optional port and path, without a scheme");
        }
        login = login == null ? new Login.Anonymous() : login;
        URI.create("https://" + location);
    }

    /** A mirror for everybody. */
    public static Mirror of(String location) {
        return new Mirror(location, false, null, new Login.Anonymous());
    }

    /** Host with optional port. */
    @JsonIgnore
    public String host() {
        int slash = location.indexOf('/');
        return slash < 0 ? location : location.substring(0, slash);
    }

    /** What a repository of the registry is called here. */
    String repository(String repository) {
        int slash = location.indexOf('/');
        return (slash < 0 ? "" : location.substring(slash + 1) + "/") + repository;
    }
}
