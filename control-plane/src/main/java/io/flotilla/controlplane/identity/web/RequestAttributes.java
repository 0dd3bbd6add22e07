package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.Optional;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What the gate leaves on the exchange for handlers and templates. */
public final class RequestAttributes {

    static final String ACTOR = RequestAttributes.class.getName() + ".actor";
    static final String STYLE_NONCE = RequestAttributes.class.getName() + ".nonce";

    private static final String REFUSAL = RequestAttributes.class.getName() + ".refusal";

    private static final String LOST = RequestAttributes.class.getName() + ".lost";

    private RequestAttributes() {}

    static void setLost(ServerWebExchange exchange, Mono<Void> lost) {
        exchange.getAttributes().put(LOST, lost);
    }

    /**
     * Completes soon after the caller may no longer have what they opened, also if the connection has ended before: looks
     * again for as long as it is subscribed to.
     */
    public static Mono<Void> lost(ServerWebExchange exchange) {
        return exchange.getAttributeOrDefault(LOST, Mono.never());
    }

    /**
     * Tells the gate that a handler answers a refusal itself, as a form with its errors does, so that it is recorded as
     * if the exception had been thrown.
     */
    public static void refused(ServerWebExchange exchange, ProblemException problem) {
        exchange.getAttributes().put(REFUSAL, problem);
    }

    static Optional<ProblemException> refusal(ServerWebExchange exchange) {
        return Optional.ofNullable(exchange.getAttribute(REFUSAL));
    }

    /** Who asks; anonymous if nobody has shown who they are. Handler methods take an {@link Actor} argument instead. */
    public static Actor actor(ServerWebExchange exchange) {
        Actor actor = exchange.getAttribute(ACTOR);
        return actor == null ? Actor.anonymous(new RequestFacts(exchange.getRequest()).source()) : actor;
    }

    /** The nonce that the content security policy of this answer allows for style elements. */
    public static String styleNonce(ServerWebExchange exchange) {
        return exchange.getAttributeOrDefault(STYLE_NONCE, "");
    }

    /** The address that the request comes from, for {@link io.flotilla.controlplane.identity.Browser}. */
    public static String source(ServerWebExchange exchange) {
        return new RequestFacts(exchange.getRequest()).source();
    }
}
