package io.flotilla.protocol.registry;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The Authorization header for one repository: nothing until the registry asks, then what it asked for, Basic (RFC 7617)
 * or a bearer token from the place that the challenge names (the distribution project's token authentication).
 */
final class Authorization {

    private static final int LONGEST_TOKEN = 256 << 10;

    private final Http http;
    private final Login login;
    private final String registry;
    private final String repository;
    private final boolean insecure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<String> others = new ConcurrentSkipListSet<>();
    private volatile @Nullable String header;

    /** @param registry for messages, as in "registry docker.io" */
    Authorization(Http http, String registry, String repository, boolean insecure, Login login) {
        this.http = http;
        this.login = login;
        this.registry = registry;
        this.repository = repository;
        this.insecure = insecure;
        this.header = login instanceof Login.Bearer bearer ? "Bearer " + bearer.token() : null;
    }

    @Nullable
    String header() {
        return header;
    }

    /** Tokens are asked for these as well, to be read only. */
    void alsoReads(Collection<String> repositories) {
        others.addAll(repositories);
    }

    /**
     * Answers a 401.
     *
     * @param used the header that the refused request carried
     * @return whether another try makes sense
     */
    boolean renew(@Nullable String used, HttpResponse<?> refused, Origin origin) throws IOException {
        lock.lock();
        try {
            if (!Objects.equals(used, header)) {
                return true;
            }
            Challenge challenge = Challenge.preferred(refused.headers().allValues("WWW-Authenticate"))
                    .orElse(null);
            if (challenge == null || login instanceof Login.Bearer) {
                return false;
            }
            String fresh = challenge.scheme().equals("basic") ? basic() : "Bearer " + token(challenge, origin);
            if (fresh == null || (fresh.equals(used) && challenge.scheme().equals("basic"))) {
                return false;
            }
            header = fresh;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String basic() {
        return login instanceof Login.Basic(String user, String password)
                ? "Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8))
                : null;
    }

    private String token(Challenge challenge, Origin origin) throws IOException {
        URI realm = realm(challenge, origin);
        HttpResponse<BodyStream> answer;
        try {
            answer = http.get(realm, "application/json", basic(), 0);
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new RegistryAwayException(
                    registry + ": its token service " + realm.getHost() + ": " + Http.reason(e), e);
        }
        try (BodyStream body = answer.body()) {
            if (answer.statusCode() != 200) {
                throw refusal(answer, realm);
            }
            JsonNode json = Documents.tree(body.readNBytes(LONGEST_TOKEN));
            String token = json.path("token").asString(json.path("access_token").asString(""));
            if (token.isEmpty() || !token.matches("[\\x21-\\x7e]+")) {
                throw new RegistryRefusedException(
                        registry + ": its token service " + realm.getHost() + " sent no token");
            }
            return token;
        }
    }

    private RegistryException refusal(HttpResponse<?> answer, URI realm) {
        int status = answer.statusCode();
        if (status == 401 || status == 403) {
            return new UnauthorizedException(registry + " refuses "
                    + (login instanceof Login.Basic basic ? "the login of user " + basic.user() : "an anonymous login")
                    + " for " + repository);
        }
        if (status == 429) {
            return new TooManyRequestsException(registry + ": its token service " + realm.getHost()
                    + " limits requests (HTTP 429)" + Refusals.when(answer));
        }
        String message = registry + ": its token service " + realm.getHost() + " answered with HTTP " + status;
        return status >= 500 ? new RegistryAwayException(message, null) : new RegistryRefusedException(message);
    }

    private URI realm(Challenge challenge, Origin origin) throws RegistryException {
        String text = challenge.parameter("realm");
        String scope = challenge.parameter("scope");
        if (scope.isEmpty()) {
            scope = "repository:" + repository + ":pull";
        }
        try {
            String service = challenge.parameter("service");
            String query = (service.isEmpty() ? "" : "service=" + encode(service) + "&") + "scope=" + encode(scope)
                    + others.stream()
                            .map(other -> "&scope=" + encode("repository:" + other + ":pull"))
                            .collect(Collectors.joining());
            URI realm = URI.create(text + (text.indexOf('?') < 0 ? "?" : "&") + query);
            requirePlaceForSecrets(Origin.of(realm), origin, text);
            return realm;
        } catch (IllegalArgumentException e) {
            throw new RegistryRefusedException(registry + " names the token service \"" + text + "\", which is no URL");
        }
    }

    /** Secrets travel over TLS, except to where the registry itself may be asked without it. */
    private void requirePlaceForSecrets(Origin realm, Origin registryOrigin, String text) throws RegistryException {
        boolean plainAllowed =
                !registryOrigin.isSecure() && realm.scheme().equals("http") && (insecure || realm.isLoopback());
        if (!realm.isSecure() && !plainAllowed) {
            throw new RegistryRefusedException(
                    registry + " names the token service " + text + ", which does not use TLS");
        }
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
