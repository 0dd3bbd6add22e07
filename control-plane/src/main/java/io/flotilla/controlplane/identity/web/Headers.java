package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.settings.Settings;
import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Headers that every answer carries, and the check of the Host header: on the loopback port only this machine's names
 * are answered, so that a foreign page cannot reach it by pointing its own name here (DNS rebinding).
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class Headers implements WebFilter {

    private static final int NONCE_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final Settings settings;

    Headers(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        RequestFacts facts = new RequestFacts(exchange.getRequest());
        HttpHeaders headers = exchange.getResponse().getHeaders();
        headers.set("Content-Security-Policy", policy(nonce(exchange)));
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        headers.setCacheControl("no-store");
        if (facts.secure() && trustedCertificate()) {
            headers.set("Strict-Transport-Security", "max-age=31536000");
        }
        if (facts.localPort() == settings.port() && !thisMachine(facts)) {
            exchange.getResponse().setStatusCode(HttpStatus.MISDIRECTED_REQUEST);
            return exchange.getResponse().setComplete();
        }
        return chain.filter(exchange);
    }

    /** No {@code unsafe-*}: scripts and styles are files of ours; the nonce is for the terminal's measured style element. */
    private static String policy(String nonce) {
        return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; "
                + "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'";
    }

    private String nonce(ServerWebExchange exchange) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().encodeToString(bytes);
        exchange.getAttributes().put(RequestAttributes.STYLE_NONCE, nonce);
        return nonce;
    }

    /** Our own certificate cannot be verified by browsers; pinning them to https would lock people out when it changes. */
    private boolean trustedCertificate() {
        Settings.Beyond beyond = settings.beyond();
        return beyond != null && !(beyond.protection() instanceof Settings.Protection.OwnCertificate);
    }

    private static boolean thisMachine(RequestFacts facts) {
        String host = facts.hostName();
        return host != null
                && (host.equals("localhost")
                        || host.endsWith(".localhost")
                        || host.startsWith("127.")
                        || host.equals("[::1]")
                        || host.equals("::1")
                        || host.equals("0:0:0:0:0:0:0:1"));
    }
}
