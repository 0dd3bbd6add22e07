package io.flotilla.controlplane.listen;

import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.ConnectionInfo;
import reactor.netty.transport.AddressUtils;

/**
 * What the proxy in front says about the browser. Proxies append to {@code X-Forwarded-For}, so only its last address is
 * the proxy's word; what stands before it came from outside and could be invented to dodge the throttle or the audit log.
 */
final class ProxyHeaders {

    private ProxyHeaders() {}

    static ConnectionInfo apply(ConnectionInfo connection, HttpRequest request) {
        // Whoever says that a proxy ends TLS has browsers that come by https.
        ConnectionInfo secure = connection.withScheme("https");
        String last = last(request.headers().getAll("X-Forwarded-For"));
        InetSocketAddress peer = connection.getRemoteAddress();
        if (last == null || peer == null) {
            return secure;
        }
        return secure.withRemoteAddress(AddressUtils.parseAddress(last, peer.getPort()));
    }

    static @Nullable String last(List<String> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        String header = headers.getLast();
        String address = header.substring(header.lastIndexOf(',') + 1).strip();
        return address.isEmpty() ? null : address;
    }
}
