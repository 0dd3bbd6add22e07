package io.flotilla.protocol.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One repository at one server, the registry itself or a mirror of it: requests, with redirects, logins and further tries. */
final class RegistryHost {

    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_TRIES = 3;
    private static final int MOST_LOGINS = 2;

    /** Scheme, host and port; finding it out may fail for now. */
    interface Base {
        URI get() throws IOException;
    }

    private final Http http;
    private final String name;
    private final Base base;
    private final String repository;
    private final boolean insecure;
    private final Authorization authorization;

    /** @param name for messages, as in "registry docker.io" */
    RegistryHost(Http http, String name, Base base, String repository, boolean insecure, Login login) {
        this.http = http;
        this.name = name;
        this.base = base;
        this.repository = repository;
        this.insecure = insecure;
        this.authorization = new Authorization(http, name, repository, insecure, login);
    }

    Timeouts timeouts() {
        return http.timeouts();
    }

    /** One request, to a registry at this root; the login is for its own origin only. */
    private interface Sending {
        HttpResponse<BodyStream> to(URI root, Origin home, @Nullable String login) throws IOException;
    }

    /**
     * One answer that is a success, after redirects.
     *
     * @param path below the repository, as in {@code /manifests/latest}
     * @param from the first byte that is wanted
     */
    HttpResponse<BodyStream> get(String path, String accept, long from, String subject) throws IOException {
        return answer(
                (root, home, login) -> follow(home, URI.create(root + "/v2/" + repository + path), accept, login, from),
                status -> status == 200 || status == 206,
                subject);
    }

    /** What is sent along with a request that writes. */
    record Content(String type, BodyPublisher body, long bytes) {

        static final Content NONE = new Content("", BodyPublishers.noBody(), 0);
    }

    void alsoReads(Collection<String> repositories) {
        authorization.alsoReads(repositories);
    }

    /**
     * One answer to a request that writes. No redirect is followed.
     *
     * @param place a path below the repository, or where an earlier answer said to go on
     * @param good statuses that are answers; any other is a failure
     */
    HttpResponse<BodyStream> write(String method, String place, Content content, Set<Integer> good, String subject)
            throws IOException {
        HttpResponse<BodyStream> answer = answer(
                (root, home, login) -> {
                    URI uri = place.startsWith("/blobs/") || place.startsWith("/manifests/")
                            ? URI.create(root + "/v2/" + repository + place)
                            : target(home, root, place);
                    String header = Origin.of(uri).equals(home) ? login : null;
                    return http.send(method, uri, header, content.type(), content.body(), content.bytes());
                },
                good::contains,
                subject);
        answer.body().close();
        return answer;
    }

    /** A good answer, with a login if it is asked for and further tries where a failure may pass. */
    private HttpResponse<BodyStream> answer(Sending sending, IntPredicate good, String subject) throws IOException {
        int logins = 0;
        for (int attempt = 1; ; attempt++) {
            HttpResponse<BodyStream> answer;
            Origin home;
            String used = authorization.header();
            try {
                URI root = base.get();
                home = Origin.of(root);
                answer = sending.to(root, home, used);
            } catch (RegistryException e) {
                throw e;
            } catch (IOException e) {
                if (attempt >= MOST_TRIES || Thread.currentThread().isInterrupted()) {
                    throw away(e);
                }
                Pause.before(attempt, http.timeouts().pause());
                continue;
            }
            int status = answer.statusCode();
            if (good.test(status)) {
                return answer;
            }
            String body = Http.brief(answer.body());
            boolean fromRegistry = Origin.of(answer.uri()).equals(home);
            if (status == 401 && fromRegistry && logins++ < MOST_LOGINS && authorization.renew(used, answer, home)) {
                attempt--;
                continue;
            }
            Optional<RetryAfter> wish = RetryAfter.of(answer.headers());
            if (attempt < MOST_TRIES && passes(status, wish)) {
                Pause.of(wish.map(RetryAfter::pause)
                        .orElse(Pause.length(attempt, http.timeouts().pause())));
                continue;
            }
            throw Refusals.of(answer, body, name, subject, used != null);
        }
    }

    /** Whether it is worth while to wait here: for a gateway that fails, or as long as the server itself says. */
    private boolean passes(int status, Optional<RetryAfter> wish) {
        boolean gateway = status >= 502 && status <= 504;
        return wish.isPresent()
                ? (gateway || status == 429)
                        && wish.get().pause().compareTo(http.timeouts().longestWait()) <= 0
                : gateway;
    }

    /** A redirect, to a store of blobs say, gets the credentials only if it stays on the same scheme, host and port. */
    private HttpResponse<BodyStream> follow(Origin home, URI start, String accept, @Nullable String header, long from)
            throws IOException {
        URI uri = start;
        for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
            Origin origin = Origin.of(uri);
            HttpResponse<BodyStream> answer = http.get(uri, accept, origin.equals(home) ? header : null, from);
            if (!isRedirect(answer.statusCode())) {
                return answer;
            }
            answer.body().close();
            uri = target(home, uri, answer.headers().firstValue("Location").orElse(""));
        }
        throw new RegistryRefusedException(name + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private URI target(Origin home, URI from, String location) throws RegistryException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new RegistryRefusedException(name + " redirects to \"" + location + "\", which is no URL");
        }
        Origin origin = Origin.of(to);
        boolean plainAllowed = !Origin.of(from).isSecure()
                && origin.scheme().equals("http")
                && (insecure || origin.isLoopback() || origin.equals(home));
        if (to.getHost() == null || to.getRawUserInfo() != null || !(origin.isSecure() || plainAllowed)) {
            throw new RegistryRefusedException(name + " redirects to " + origin.scheme() + "://" + origin.host()
                    + ", which does not use TLS or is no place for blobs");
        }
        return to;
    }

    RegistryException away(IOException e) {
        if (e instanceof RegistryException named) {
            return named;
        }
        return new RegistryAwayException(name + " is away: " + Http.reason(e), e);
    }

    @Override
    public String toString() {
        return name;
    }
}
