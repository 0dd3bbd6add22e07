package io.flotilla.controlplane.identity.web;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** What a request says about where it comes from and what it wants. */
final class RequestFacts {

    private final ServerHttpRequest request;

    RequestFacts(ServerHttpRequest request) {
        this.request = request;
    }

    String method() {
        return request.getMethod().name();
    }

    boolean looks() {
        return method().equals("GET") || method().equals("HEAD");
    }

    /** The peer's address, or what the proxy says it is where a proxy is believed. */
    String source() {
        InetSocketAddress remote = request.getRemoteAddress();
        if (remote == null) {
            return "unknown";
        }
        return remote.getAddress() == null
                ? remote.getHostString()
                : remote.getAddress().getHostAddress();
    }

    boolean fromLoopback() {
        InetSocketAddress remote = request.getRemoteAddress();
        return remote != null
                && remote.getAddress() != null
                && remote.getAddress().isLoopbackAddress();
    }

    int localPort() {
        InetSocketAddress local = request.getLocalAddress();
        return local == null ? -1 : local.getPort();
    }

    boolean secure() {
        return "https".equalsIgnoreCase(request.getURI().getScheme());
    }

    boolean api() {
        String path = request.getPath().value();
        return path.startsWith("/api/") || path.startsWith("/v2/") || path.startsWith("/agent/");
    }

    /** Whether a person in front of a browser would see the answer. */
    boolean page() {
        return !api()
                && request.getHeaders().getAccept().stream()
                        .anyMatch(type -> type.isCompatibleWith(MediaType.TEXT_HTML) && !type.equals(MediaType.ALL));
    }

    boolean webSocket() {
        return "websocket".equalsIgnoreCase(request.getHeaders().getFirst(HttpHeaders.UPGRADE));
    }

    Optional<String> bearer() {
        String header = request.getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length())) {
            return Optional.empty();
        }
        return Optional.of(header.substring("Bearer ".length()).strip());
    }

    /** The host that the browser thinks it talks to, without the port, lower case. */
    @Nullable
    String hostName() {
        InetSocketAddress host = request.getHeaders().getHost();
        return host == null ? null : host.getHostString().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether the page that made the browser send this is one of ours. Browsers send Origin with every request that may
     * change something and with every WebSocket, and no script can forge it.
     */
    boolean ownOrigin() {
        String origin = request.getHeaders().getOrigin();
        String host = request.getHeaders().getFirst(HttpHeaders.HOST);
        if (origin == null || host == null) {
            return false;
        }
        try {
            URI from = URI.create(origin);
            String scheme = secure() ? "https" : "http";
            return scheme.equalsIgnoreCase(from.getScheme()) && host.equalsIgnoreCase(from.getRawAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
