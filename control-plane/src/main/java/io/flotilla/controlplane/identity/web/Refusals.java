package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.identity.Gate;
import io.flotilla.controlplane.problem.Problem;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.RequestPath;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Records refused requests in the audit log. Looking at something that is not there, or mistyping a form's value on a
 * page that only looks, is no refusal. Strangers may not fill the disk: what they are refused beyond a rate is counted
 * and only its number recorded.
 */
@Component
class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final Map<String, String> VERBS = Map.of(
            "POST", "create", "PUT", "update", "PATCH", "update", "DELETE", "delete", "GET", "see", "HEAD", "see");
    private static final int MOST_PATH_CHARACTERS = 200;

    private final AuditLog audit;
    private final Gate gate;
    private final Scheduler blocking;
    private final StrangersBudget budget = new StrangersBudget(System::nanoTime);

    Refusals(AuditLog audit, Gate gate, Scheduler blocking) {
        this.audit = audit;
        this.gate = gate;
        this.blocking = blocking;
    }

    /** Completes when the refusal is written; a log that cannot be written does not turn a refusal into another error. */
    Mono<Void> record(ServerWebExchange exchange, Actor actor, ProblemException problem) {
        if (!worthIt(exchange, problem.problem())) {
            return Mono.empty();
        }
        return Mono.<Void>fromRunnable(() -> write(exchange, actor, problem))
                .subscribeOn(blocking)
                .onErrorResume(failure -> {
                    if (Problems.of(failure) instanceof ProblemException away) {
                        LOG.warn("a refusal could not be recorded: {}; {}", problem.detail(), away.detail());
                    } else {
                        LOG.error("a refusal could not be recorded: {}", problem.detail(), failure);
                    }
                    return Mono.empty();
                });
    }

    private static boolean worthIt(ServerWebExchange exchange, Problem problem) {
        boolean looks = new RequestFacts(exchange.getRequest()).looks();
        return switch (problem) {
            case FORBIDDEN, TOO_MANY -> true;
            case UNAUTHENTICATED ->
                !looks || new RequestFacts(exchange.getRequest()).bearer().isPresent();
            case INVALID, CONFLICT, QUOTA, NOT_FOUND, TOO_LARGE -> !looks;
            case METHOD, NOT_ACCEPTABLE, MEDIA_TYPE, INTERNAL, UNAVAILABLE, DATABASE_AWAY, DATABASE_UNFIT -> false;
        };
    }

    private void write(ServerWebExchange exchange, Actor actor, ProblemException problem) {
        String reason = problem.detail();
        if (!actor.signedIn()) {
            if (!budget.take()) {
                return;
            }
            long skipped = budget.skipped();
            reason = skipped == 0 ? reason : reason + " (and " + skipped + " more refusals of strangers before)";
        }
        RequestPath path = exchange.getRequest().getPath();
        String method = exchange.getRequest().getMethod().name();
        audit.refused(actor, action(method, path), target(method, path), reason);
    }

    /** {@code POST /api/v1/workloads/{id}/scale} → workload.scale; {@code POST /api/v1/users} → user.create. */
    private String action(String method, RequestPath path) {
        String pattern = gate.pattern(method, path.pathWithinApplication()).orElse("/unlisted");
        if (pattern.equals("/login") || pattern.equals("/setup")) {
            return pattern.equals("/login") ? "session.login" : "setup.complete";
        }
        List<String> words = List.of(pattern.replaceFirst("^/(api/v1/)?", "").split("/", -1));
        String noun = noun(words.getFirst());
        String last = words.getLast();
        boolean verb = words.size() > 1 && !last.startsWith("{") && !last.startsWith("*");
        return noun + "." + (verb ? last : VERBS.getOrDefault(method, "see")).replaceAll("[^a-z0-9-]", "-");
    }

    private static String noun(String plural) {
        String word = plural.isEmpty() ? "page" : plural.replaceAll("[^a-z0-9-]", "-");
        return word.length() > 1 && word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
    }

    private Target target(String method, RequestPath path) {
        String full = path.value();
        String shown = full.length() > MOST_PATH_CHARACTERS ? full.substring(0, MOST_PATH_CHARACTERS) + "..." : full;
        String kind = action(method, path).replaceFirst("\\..*", "");
        return new Target(kind, id(method, path.pathWithinApplication()), method + " " + shown, null);
    }

    private @org.jspecify.annotations.Nullable String id(String method, PathContainer path) {
        return gate.pattern(method, path)
                .map(text -> PathPatternParser.defaultInstance.parse(text).matchAndExtract(path))
                .map(PathPattern.PathMatchInfo::getUriVariables)
                .map(variables -> variables.get("id"))
                .filter(Refusals::uuid)
                .orElse(null);
    }

    private static boolean uuid(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A bucket of one hundred entries that fills up by ten a second. */
    static final class StrangersBudget {

        private static final long FULL = 100;
        private static final long NANOS_PER_ENTRY = 100_000_000L;

        private final java.util.function.LongSupplier nanos;
        private final AtomicLong skipped = new AtomicLong();
        private long entries = FULL;
        private long filledAt;

        StrangersBudget(java.util.function.LongSupplier nanos) {
            this.nanos = nanos;
            this.filledAt = nanos.getAsLong();
        }

        synchronized boolean take() {
            long fresh = (nanos.getAsLong() - filledAt) / NANOS_PER_ENTRY;
            filledAt += fresh * NANOS_PER_ENTRY;
            entries = Math.min(FULL, entries + fresh);
            if (entries == 0) {
                skipped.incrementAndGet();
                return false;
            }
            entries--;
            return true;
        }

        /** How many were skipped since the last call. */
        long skipped() {
            return skipped.getAndSet(0);
        }
    }
}
