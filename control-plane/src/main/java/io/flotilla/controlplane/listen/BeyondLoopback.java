package io.flotilla.controlplane.listen;

import io.flotilla.controlplane.settings.Settings;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.stereotype.Component;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The second listener, for other machines: the same routes with TLS, or behind a proxy that has it. */
@Component
class BeyondLoopback implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(BeyondLoopback.class);
    private static final Duration IDLE = Duration.ofMinutes(2);

    private final Settings settings;
    private final HttpHandler handler;
    private final TlsKeys keys;
    private @Nullable DisposableServer server;

    BeyondLoopback(Settings settings, HttpHandler handler, TlsKeys keys) {
        this.settings = settings;
        this.handler = handler;
        this.keys = keys;
    }

    @Override
    public void start() {
        Settings.Beyond beyond = settings.beyond();
        if (beyond == null) {
            return;
        }
        HttpServer base = HttpServer.create()
                .host(beyond.host())
                .port(beyond.port())
                .idleTimeout(IDLE)
                .handle(new ReactorHttpHandlerAdapter(handler));
        HttpServer protectedServer = switch (beyond.protection()) {
            case Settings.Protection.BehindProxy _ -> base.forwarded(ProxyHeaders::apply);
            case Settings.Protection.OwnCertificate() -> secured(base, ownCertificate(beyond));
            case Settings.Protection.GivenCertificate given ->
                secured(base, new Certificate(given.certificate(), given.key()));
        };
        server = protectedServer.bindNow();
        LOG.info("serving {} on {}:{}", settings.url(), beyond.host(), beyond.port());
    }

    private HttpServer secured(HttpServer server, Certificate certificate) {
        SslContext context = certificate.context();
        keys.serve(certificate.chain());
        return server.secure(spec -> spec.sslContext(context));
    }

    private Certificate ownCertificate(Settings.Beyond beyond) {
        try {
            return Certificate.own(settings.privateDirectory().resolve("tls"), beyond.host());
        } catch (IOException e) {
            throw new UncheckedIOException("make the TLS certificate", e);
        }
    }

    @Override
    public void stop() {
        DisposableServer running = server;
        server = null;
        if (running != null) {
            running.disposeNow(Duration.ofSeconds(1));
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** After the loopback listener. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 2000;
    }
}
