package io.flotilla.agent.link;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * The control plane's address: https, or http on loopback only. Which certificate is good, the control plane itself says
 * ({@link Trust}), so that it may be its own or a proxy's.
 */
public record Server(@JsonValue URI uri) {

    public Server {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IllegalArgumentException(
                    "control plane address \"" + uri + "\" is not http://HOST[:PORT] or https://HOST[:PORT]");
        }
        if (scheme.equals("http") && !isLoopback(uri.getHost())) {
            throw new IllegalArgumentException("control plane address \"" + uri
                    + "\" is neither https nor on this host; without TLS everybody on the way could read the session");
        }
    }

    @JsonCreator
    public static Server parse(String text) {
        try {
            String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
            return new Server(URI.create(base));
        } catch (IllegalArgumentException e) {
            throw e.getMessage() != null && e.getMessage().startsWith("control plane address")
                    ? e
                    : new IllegalArgumentException("control plane address \"" + text + "\" is not a URL", e);
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    boolean isSecure() {
        return uri.getScheme().equalsIgnoreCase("https");
    }

    /** A path at the control plane. */
    public URI at(String path) {
        return URI.create(uri + path);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
