package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.identity.AdminKey;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.Gate;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.settings.Settings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.BiFunction;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The gate: finds out who asks, checks that a browser's request comes from our own page, and asks the authorisation
 * table. Whatever is refused here never reaches a handler, and is recorded.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class AccessFilter implements WebFilter {

    private static final String FORM_FIELD = "_csrf";
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(3);
    private static final String HEADER = "X-CSRF-Token";

    /** Who asks, and whether they were recognised by the browser's cookie, which the browser sends by itself. */
    private record Caller(Actor actor, boolean byCookie, boolean wrongCredentials) {}

    private final Gate gate;
    private final Logins logins;
    private final ApiTokens tokens;
    private final AdminKey adminKey;
    private final Refusals refusals;
    private final Settings settings;
    private final Scheduler blocking;

    AccessFilter(
            Gate gate,
            Logins logins,
            ApiTokens tokens,
            AdminKey adminKey,
            Refusals refusals,
            Settings settings,
            Scheduler blocking) {
        this.gate = gate;
        this.logins = logins;
        this.tokens = tokens;
        this.adminKey = adminKey;
        this.refusals = refusals;
        this.settings = settings;
        this.blocking = blocking;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        RequestFacts facts = new RequestFacts(request);
        if (facts.looks() && gate.open(facts.method(), request.getPath().pathWithinApplication())) {
            return chain.filter(exchange);
        }
        return Mono.fromCallable(() -> caller(request, facts, logins::actor))
                .subscribeOn(blocking)
                .flatMap(caller -> check(exchange, facts, caller).flatMap(passed -> {
                    if (!passed) {
                        return toLogin(exchange);
                    }
                    exchange.getAttributes().put(RequestAttributes.ACTOR, caller.actor());
                    return handle(exchange, chain, facts, caller.actor());
                }));
    }

    private Mono<Void> handle(ServerWebExchange exchange, WebFilterChain chain, RequestFacts facts, Actor actor) {
        return untilLost(exchange, chain, facts, actor)
                .onErrorMap(Problems::of)
                .onErrorResume(
                        ProblemException.class,
                        problem -> refusals.record(exchange, actor, problem).then(Mono.error(problem)))
                .then(Mono.defer(() -> RequestAttributes.refusal(exchange)
                        .map(problem -> refusals.record(exchange, actor, problem))
                        .orElse(Mono.empty())));
    }

    /** A WebSocket has to be closed from the inside: its handler is told by the exchange. */
    private Mono<Void> untilLost(ServerWebExchange exchange, WebFilterChain chain, RequestFacts facts, Actor actor) {
        if (!facts.looks() || !actor.signedIn()) {
            return chain.filter(exchange);
        }
        Mono<Boolean> lost = lost(exchange, facts, actor);
        if (facts.webSocket()) {
            RequestAttributes.setLost(exchange, lost.then());
            return chain.filter(exchange);
        }
        return chain.filter(exchange).takeUntilOther(lost);
    }

    /**
     * Completes when the caller has signed out, or has lost something that they had when they asked: terminals and
     * streams of events must not outlive that. A database that is away takes nothing from anybody.
     */
    private Mono<Boolean> lost(ServerWebExchange exchange, RequestFacts facts, Actor before) {
        ServerHttpRequest request = exchange.getRequest();
        return Flux.interval(LOOK_AGAIN)
                .onBackpressureDrop()
                .concatMap(
                        tick -> Mono.fromCallable(() -> {
                                    Actor now = caller(request, facts, logins::still)
                                            .actor();
                                    return now.keepsWhatItHad(before)
                                            && gate.decide(
                                                            now,
                                                            facts.method(),
                                                            request.getPath().pathWithinApplication())
                                                    instanceof Gate.Decision.Allowed;
                                })
                                .subscribeOn(blocking)
                                .onErrorReturn(true),
                        1)
                .filter(allowed -> !allowed)
                .next();
    }

    private Caller caller(
            ServerHttpRequest request, RequestFacts facts, BiFunction<String, String, Optional<Actor>> bySession) {
        Actor anonymous = Actor.anonymous(facts.source());
        Optional<String> bearer = facts.bearer();
        if (bearer.isPresent()) {
            Optional<Actor> actor = byBearer(bearer.get(), facts);
            return new Caller(actor.orElse(anonymous), false, actor.isEmpty());
        }
        Optional<Actor> actor = SessionCookie.value(request).flatMap(value -> bySession.apply(value, facts.source()));
        return new Caller(actor.orElse(anonymous), actor.isPresent(), false);
    }

    private Optional<Actor> byBearer(String secret, RequestFacts facts) {
        boolean local = facts.fromLoopback() && facts.localPort() == settings.port();
        if (local && adminKey.matches(secret)) {
            return Optional.of(Actor.localRoot(facts.source()));
        }
        return tokens.actor(secret, facts.source());
    }

    /** True to go on, false to send a browser to the login page, an error to refuse. */
    private Mono<Boolean> check(ServerWebExchange exchange, RequestFacts facts, Caller caller) {
        // A token that stood in a form was read on the event loop, where the table may not look up whose a thing is.
        return fromOwnPage(exchange, facts, caller)
                .then(Mono.fromCallable(() -> gate.decide(
                                caller.actor(),
                                facts.method(),
                                exchange.getRequest().getPath().pathWithinApplication()))
                        .subscribeOn(blocking))
                .flatMap(decision -> switch (decision) {
                    case Gate.Decision.Allowed() -> Mono.just(true);
                    case Gate.Decision.Unknown() -> facts.page() && facts.looks() ? Mono.just(false) : unknown(caller);
                    case Gate.Decision.Forbidden(String doing) -> Mono.error(ProblemException.forbidden(doing));
                    case Gate.Decision.Missing() ->
                        Mono.error(ProblemException.notFound(
                                "page or thing", exchange.getRequest().getPath().value()));
                    case Gate.Decision.WrongMethod(SortedSet<String> known) -> wrongMethod(exchange, known);
                })
                .onErrorResume(
                        ProblemException.class,
                        problem -> refusals.record(exchange, caller.actor(), problem)
                                .then(Mono.error(problem)));
    }

    /** RFC 9110, 15.5.6: the answer has to say which methods would do. */
    private static Mono<Boolean> wrongMethod(ServerWebExchange exchange, SortedSet<String> known) {
        exchange.getResponse().getHeaders().set(HttpHeaders.ALLOW, String.join(", ", known));
        return Mono.error(ProblemException.of(
                Problem.METHOD,
                exchange.getRequest().getMethod() + " is not known here; known are " + String.join(", ", known)));
    }

    private static Mono<Boolean> unknown(Caller caller) {
        return Mono.error(ProblemException.unauthenticated(
                caller.wrongCredentials()
                        ? "the token is unknown, expired or revoked"
                        : "sign in, or send a token as \"Authorization: Bearer ...\""));
    }

    /**
     * A browser sends our cookie whichever page made it ask. So what can change something, and every WebSocket, must
     * come from our own page; and a signed-in session must show that page's token, too.
     */
    private static Mono<Void> fromOwnPage(ServerWebExchange exchange, RequestFacts facts, Caller caller) {
        boolean byProgram = facts.bearer().isPresent() && !caller.byCookie();
        boolean foreign = exchange.getRequest().getHeaders().getOrigin() != null && !facts.ownOrigin();
        if (facts.webSocket()) {
            boolean fine = byProgram ? !foreign : facts.ownOrigin();
            return fine ? Mono.empty() : Mono.error(ProblemException.forbidden("a WebSocket from another site"));
        }
        if (facts.looks() || byProgram) {
            return Mono.empty();
        }
        if (foreign || (caller.byCookie() && !facts.ownOrigin())) {
            return Mono.error(ProblemException.forbidden("a change from another site"));
        }
        return caller.byCookie() ? showsToken(exchange) : Mono.empty();
    }

    private static Mono<Void> showsToken(ServerWebExchange exchange) {
        String expected = SessionCookie.csrfToken(exchange);
        String header = exchange.getRequest().getHeaders().getFirst(HEADER);
        Mono<String> shown = header != null ? Mono.just(header) : fromForm(exchange);
        return shown.defaultIfEmpty("")
                .flatMap(token -> MessageDigest.isEqual(bytes(token), bytes(expected))
                        ? Mono.empty()
                        : Mono.error(ProblemException.forbidden("a change without the page's form token")));
    }

    private static Mono<String> fromForm(ServerWebExchange exchange) {
        boolean form = MediaType.APPLICATION_FORM_URLENCODED.isCompatibleWith(
                exchange.getRequest().getHeaders().getContentType());
        return form ? exchange.getFormData().mapNotNull(fields -> fields.getFirst(FORM_FIELD)) : Mono.empty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Mono<Void> toLogin(ServerWebExchange exchange) {
        URI asked = exchange.getRequest().getURI();
        String back = asked.getRawQuery() == null ? asked.getRawPath() : asked.getRawPath() + "?" + asked.getRawQuery();
        String address = back.equals("/") ? "/login" : "/login?next=" + URLEncoder.encode(back, StandardCharsets.UTF_8);
        exchange.getResponse().setStatusCode(HttpStatus.SEE_OTHER);
        exchange.getResponse().getHeaders().setLocation(URI.create(address));
        return exchange.getResponse().setComplete();
    }
}
