package io.flotilla.protocol.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a registry that limits requests gets: the pause that it asks for, or a sentence for people. */
class RateLimitTest {

    private FakeRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        client = new RegistryClient(
                new Timeouts(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(1),
                        Duration.ofSeconds(1)),
                null);
        registry.document(
                "a",
                "t",
                new Manifest(
                        2,
                        MediaTypes.MANIFEST,
                        registry.blob("a", MediaTypes.CONFIG, new byte[1]),
                        List.of(registry.blob("a", MediaTypes.LAYER, new byte[2])),
                        Map.of()),
                MediaTypes.MANIFEST);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private RemoteRepository.Fetched resolve() throws IOException {
        URI endpoint = URI.create("http://" + registry.authority());
        return client.open(registry.image("a:t"), new RegistryAccess(endpoint, false, new Login.Anonymous()))
                .resolve();
    }

    private void limit(String retryAfter, int times) {
        FakeRegistry.Answer good = registry.answer("/v2/a/manifests/t");
        AtomicInteger count = new AtomicInteger();
        registry.answers.put("/v2/a/manifests/t", e -> {
            if (count.incrementAndGet() > times) {
                good.to(e);
                return;
            }
            if (!retryAfter.isEmpty()) {
                e.getResponseHeaders().set("Retry-After", retryAfter);
            }
            FakeRegistry.send(
                    e,
                    429,
                    "application/json",
                    "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"pull rate limit\"}]}"
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        });
    }

    @Test
    void waitsAsLongAsItIsToldAndGoesOn() throws IOException {
        limit("1", 1);
        long before = System.nanoTime();
        assertThat(resolve().document()).isInstanceOf(Manifest.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(registry.seen).hasSize(2);
    }

    @Test
    void givesUpWhenTheLimitStaysAndSaysSo() {
        limit("0", 99);
        assertThatThrownBy(this::resolve).isInstanceOf(TooManyRequestsException.class);
        assertThat(registry.seen).hasSize(3);
    }

    @Test
    void saysAtOnceWhenToTryAgainIfThatIsLongFromNow() {
        limit("5400", 99);
        assertThatThrownBy(this::resolve)
                .isInstanceOf(TooManyRequestsException.class)
                .hasMessageContaining("limits requests (HTTP 429); try again in 90 min")
                .hasMessageContaining("pull rate limit");
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void doesNotHammerARegistryThatNamesNoTime() {
        limit("", 99);
        assertThatThrownBy(this::resolve).isInstanceOf(TooManyRequestsException.class);
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void readsSecondsAndDatesAsThePauseThatTheyMean() {
        assertThat(pause("Retry-After", "7")).isEqualTo("7 s");
        assertThat(pause("Retry-After", "Wed, 21 Oct 2026 09:28:00 GMT", "Date", "Wed, 21 Oct 2026 07:28:00 GMT"))
                .isEqualTo("2 h");
        assertThat(pause("Retry-After", "Wed, 21 Oct 2026 07:00:00 GMT", "Date", "Wed, 21 Oct 2026 07:28:00 GMT"))
                .isEqualTo("0 s");
        assertThat(pause("Retry-After", "20000")).isEqualTo("5 h 34 min");
        assertThat(pause("Retry-After", "soon")).isEqualTo("none");
        assertThat(pause("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")).isEqualTo("none");
    }

    private static String pause(String... headers) {
        Map<String, List<String>> map = new java.util.HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1]));
        }
        return RetryAfter.of(HttpHeaders.of(map, (name, value) -> true))
                .map(RetryAfter::toString)
                .orElse("none");
    }
}
