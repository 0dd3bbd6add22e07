package io.flotilla.protocol.registry;

import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes its client when it is first asked for: a selector thread and all certificates of the JDK are much for nothing. */
final class LazyHttp implements AutoCloseable {

    private final Timeouts timeouts;
    private final Supplier<@Nullable SSLContext> tls;
    private @Nullable Http http;

    LazyHttp(Timeouts timeouts, Supplier<@Nullable SSLContext> tls) {
        this.timeouts = timeouts;
        this.tls = tls;
    }

    synchronized Http get() {
        Http made = http;
        if (made == null) {
            made = new Http(timeouts, tls.get());
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
