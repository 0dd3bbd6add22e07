package io.flotilla.protocol.registry;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes its client when it is first asked for: a selector thread and all certificates of the JDK are much for nothing. */
final class LazyHttp implements AutoCloseable {

    private final Timeouts timeouts;
    private final @Nullable SSLContext tls;
    private @Nullable Http http;

    LazyHttp(Timeouts timeouts, @Nullable SSLContext tls) {
        this.timeouts = timeouts;
        this.tls = tls;
    }

    synchronized Http get() {
        Http made = http;
        if (made == null) {
            made = new Http(timeouts, tls);
            http = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        if (http != null) {
            http.close();
        }
    }
}
