package io.flotilla.e2e.bench;

import io.flotilla.e2e.Api;
import io.flotilla.e2e.Flotilla;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Launches the bundled sample again and again and notes when the API's events and a browser's page know of it. */
final class Launches implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Api api;
    private final Lines events;
    private final Lines page;
    private int launched;

    /** A line of an event stream and when it came. */
    private record Line(String text, long nanos, Instant time) {}

    /** Reads an endless answer on a thread of its own, so that the moment of arrival is the line's own. */
    private static final class Lines implements AutoCloseable {

        private final InputStream stream;
        private final BlockingQueue<Line> queue = new LinkedBlockingQueue<>();

        Lines(InputStream stream) {
            this.stream = stream;
            Thread.ofPlatform().daemon().start(() -> {
                try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                    reader.lines().forEach(line -> queue.add(new Line(line, System.nanoTime(), Instant.now())));
                } catch (IOException | UncheckedIOException e) {
                    // The bench has closed the stream, or the control plane is gone: whoever waits is told by the
                    // deadline.
                    queue.clear();
                }
            });
        }

        Line await(Predicate<Line> wanted) throws InterruptedException, TimeoutException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (true) {
                Line line = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new TimeoutException("nothing was heard within " + PATIENCE.toSeconds() + " s");
                }
                if (wanted.test(line)) {
                    return line;
                }
            }
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    Launches(Flotilla flotilla) throws Exception {
        api = flotilla.admin();
        events = new Lines(api.stream("/api/v1/events"));
        page = new Lines(api.stream("/workloads"));
    }

    /** From the request to the API's word that the container runs. */
    Candidate untilRunning() {
        return candidate("API call to running", (workload, start) -> {
            events.await(line -> line.text().startsWith("data:") && runs(workload));
            return System.nanoTime() - start;
        });
    }

    /** From the request to the row of a browser's page that says so. */
    Candidate untilShown() {
        return candidate(
                "API call to the row in the browser",
                (workload, start) -> shown(workload).nanos() - start);
    }

    /** From the agent's own record of the start to the browser. */
    Candidate fromEventToPage() {
        return candidate("container's start to the row in the browser", (workload, start) -> {
            Instant shown = shown(workload).time();
            return Duration.between(startOf(workload), shown).toNanos();
        });
    }

    private Line shown(Launched workload) throws InterruptedException, TimeoutException {
        return page.await(
                line -> line.text().contains(workload.name()) && line.text().contains("Running"));
    }

    private boolean runs(Launched workload) {
        return allocations(workload).stream()
                .anyMatch(each -> each.path("status").asString().equals("running"));
    }

    private List<JsonNode> allocations(Launched workload) {
        return api.items("/api/v1/allocations?workload=" + workload.id());
    }

    private Instant startOf(Launched workload) {
        String allocation = allocations(workload).getFirst().path("id").asString();
        return api.items("/api/v1/allocations/" + allocation + "/events").stream()
                .filter(event -> event.path("status").asString().equals("running"))
                .map(event -> Instant.parse(event.path("at").asString()))
                .findFirst()
                .orElseThrow();
    }

    private record Launched(String name, String id) {}

    private interface Measure {
        long nanos(Launched workload, long start) throws Exception;
    }

    private Candidate candidate(String name, Measure measure) {
        return Candidate.of(name, () -> {
            String workload = "bench-" + ++launched;
            long start = System.nanoTime();
            String id = api.post(
                            "/api/v1/workloads",
                            Map.of("name", workload, "kind", "service", "image", "flotilla/sample:latest"))
                    .expect(201)
                    .path("id")
                    .asString();
            var here = new Launched(workload, id);
            long nanos = measure.nanos(here, start);
            api.delete("/api/v1/workloads/" + id);
            events.await(
                    line -> line.text().startsWith("data:") && allocations(here).isEmpty());
            return TimeUnit.NANOSECONDS.toMicros(nanos);
        });
    }

    @Override
    public void close() throws IOException {
        events.close();
        page.close();
    }
}
