package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.identity.Logins;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * The cookie of a signed-in browser. Cookies ignore ports, so without TLS the port is part of the name; with TLS the
 * prefix {@code __Host-} binds it to this very host (RFC 6265bis, 4.1.3.2).
 */
public final class SessionCookie {

    private SessionCookie() {}

    private static String name(ServerHttpRequest request) {
        RequestFacts facts = new RequestFacts(request);
        return facts.secure() ? "__Host-flotilla" : "flotilla-" + facts.localPort();
    }

    /** Its value, if the browser sent one. */
    public static Optional<String> value(ServerHttpRequest request) {
        HttpCookie cookie = request.getCookies().getFirst(name(request));
        return cookie == null || cookie.getValue().isEmpty() ? Optional.empty() : Optional.of(cookie.getValue());
    }

    /** Signs the browser in. */
    public static void set(ServerWebExchange exchange, String value) {
        exchange.getResponse().addCookie(cookie(exchange, value, Logins.LIFE));
    }

    /** Signs the browser out. */
    public static void clear(ServerWebExchange exchange) {
        exchange.getResponse().addCookie(cookie(exchange, "", Duration.ZERO));
    }

    private static ResponseCookie cookie(ServerWebExchange exchange, String value, Duration life) {
        return ResponseCookie.from(name(exchange.getRequest()), value)
                .httpOnly(true)
                .secure(new RequestFacts(exchange.getRequest()).secure())
                .sameSite("Lax")
                .path("/")
                .maxAge(life)
                .build();
    }

    /** What forms and scripts must send along to prove that they were served to this session; nothing is kept for it. */
    public static String csrfToken(String cookie) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] bytes = digest.digest(("flotilla form token " + cookie).getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** As {@link #csrfToken(String)} for the request's own cookie; empty without one. */
    public static String csrfToken(ServerWebExchange exchange) {
        return value(exchange.getRequest()).map(SessionCookie::csrfToken).orElse("");
    }
}
