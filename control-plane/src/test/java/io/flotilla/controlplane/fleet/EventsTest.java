package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams of events that break off and are taken up again. */
@Timeout(120)
class EventsTest {

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;

    @BeforeAll
    static void start() throws IOException {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    /** One event; {@code name} and {@code data} are empty for a comment. */
    private record Event(String id, String name, String data) {}

    private static final class Stream implements AutoCloseable {

        private final HttpURLConnection connection;
        private final BufferedReader lines;

        Stream(@Nullable String last) throws IOException {
            connection = (HttpURLConnection)
                    URI.create(plane.url() + "/api/v1/events").toURL().openConnection();
            connection.setRequestProperty("Authorization", "Bearer " + plane.adminKey());
            if (last != null) {
                connection.setRequestProperty("Last-Event-ID", last);
            }
            lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        }

        private Event next() throws IOException {
            String id = "";
            String name = "";
            StringBuilder text = new StringBuilder();
            for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                id = line.startsWith("id:") ? line.substring(3) : id;
                name = line.startsWith("event:") ? line.substring(6) : name;
                text.append(line.startsWith("data:") ? line.substring(5) : "");
            }
            return new Event(id, name, text.toString());
        }

        /** The first that speaks of it. */
        Event awaitAbout(String text) throws IOException {
            Event event = next();
            while (!event.data().contains(text)) {
                event = next();
            }
            return event;
        }

        /** Where a caller stands that has read everything. */
        String awaitPlace() throws IOException {
            Event event = next();
            while (event.id().isEmpty()) {
                event = next();
            }
            return event.id();
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    private static String launch(String name) {
        Rest.Answer answer = rest.launch(name, Map.of());
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return answer.body().path("id").asString();
    }

    @Test
    void tellsWhatChangedWhileNobodyListened() throws IOException {
        String seen = launch("seen");
        String place;
        try (Stream stream = new Stream(null)) {
            stream.awaitPlace();
            rest.post("/api/v1/workloads/" + seen + "/scale", Map.of("replicas", 0));
            Event event = stream.awaitAbout(seen);
            assertThat(event.name()).isEqualTo("change");
            place = event.id();
        }
        String missed = launch("missed");
        try (Stream stream = new Stream(place)) {
            Event event = stream.awaitAbout(missed);
            assertThat(Long.parseLong(event.id())).isGreaterThan(Long.parseLong(place));
            String next = launch("next");
            assertThat(stream.awaitAbout(next).name()).isEqualTo("change");
        }
    }

    @Test
    void remembersAcrossARestartAlsoForWhoHadSeenNoEvent() throws IOException {
        launch("any");
        String place;
        try (Stream stream = new Stream(null)) {
            place = stream.awaitPlace();
        }
        String missed = launch("before-the-restart");
        plane.stop();
        plane.start();
        try (Stream stream = new Stream(place)) {
            assertThat(stream.awaitAbout(missed).name()).isEqualTo("change");
        }
    }

    @Test
    void saysWhenNobodyKnowsAnyMoreWhatWasMissed() throws IOException {
        launch("some");
        for (String place : new String[] {"999999999", "0", "nonsense"}) {
            try (Stream stream = new Stream(place)) {
                Event event = stream.awaitAbout("all");
                assertThat(event.name()).isEqualTo("reset");
                assertThat(event.id()).isNotEmpty();
            }
        }
    }
}
