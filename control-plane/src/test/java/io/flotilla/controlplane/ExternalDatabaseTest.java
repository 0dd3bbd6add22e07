package io.flotilla.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.PlainPostgres;
import io.flotilla.controlplane.fleet.Await;
import io.flotilla.controlplane.fleet.Rest;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A control plane on a PostgreSQL that somebody else runs, and that comes and goes. */
class ExternalDatabaseTest {

    private static PlainPostgres postgres;

    @TempDir
    Path data;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = new PlainPostgres();
    }

    @AfterAll
    static void removePostgres() throws IOException {
        postgres.close();
    }

    private static HttpResponse<String> get(String url, String accept) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .header("Accept", accept)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> health(RestartableControlPlane plane, String path) {
        try {
            return get(plane.managementUrl() + path, "application/json");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void awaitReady(RestartableControlPlane plane) {
        Await.until(
                "it is ready",
                () -> health(plane, "/ready").statusCode() == 200,
                () -> health(plane, "/ready").body());
    }

    private static void assertThatItSaysThatTheDatabaseIsAway(RestartableControlPlane plane, Rest rest) {
        Await.until("it is not ready", () -> health(plane, "/ready").statusCode() == 503);
        JsonNode ready = Codec.decode(health(plane, "/ready").body(), JsonNode.class);
        assertThat(ready.path("status").asString()).isEqualTo("down");
        assertThat(ready.path("database").asString())
                .startsWith("the database is away: ")
                .doesNotContain("s3cret");
        assertThat(health(plane, "/live").statusCode()).isEqualTo(200);
        assertThat(health(plane, "/metrics").body()).contains("flotilla_database_ready 0");

        for (Rest.Answer answer :
                new Rest.Answer[] {rest.get("/api/v1/teams"), rest.post("/api/v1/teams", Map.of("name", "late"))}) {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().path("title").asString()).isEqualTo("The database is away");
            assertThat(answer.body().path("detail").asString()).contains("until it is back");
        }
        HttpResponse<String> page = get(plane.url() + "/setup?token=x", "text/html");
        assertThat(page.statusCode()).isEqualTo(503);
        assertThat(page.body()).contains("The database is away").doesNotContain("Connection to");
    }

    @Test
    void waitsForADatabaseThatIsAwayAtTheStartAndComesBackAfterEveryLoss() throws Exception {
        String url = postgres.owner("ordinary", "CREATEROLE");
        postgres.stop();
        try (RestartableControlPlane plane = new RestartableControlPlane(data, url).start()) {
            assertThatItSaysThatTheDatabaseIsAway(plane, new Rest(plane.url(), "flt_any"));

            postgres.start();
            awaitReady(plane);
            Rest rest = new Rest(plane.url(), plane.adminKey());
            assertThat(rest.post("/api/v1/teams", Map.of("name", "kept")).status())
                    .isEqualTo(201);

            postgres.stop();
            assertThatItSaysThatTheDatabaseIsAway(plane, rest);

            postgres.start();
            awaitReady(plane);
            assertThat(rest.list("/api/v1/teams"))
                    .extracting(team -> team.path("name").asString())
                    .contains("kept")
                    .doesNotContain("late");
            assertThat(rest.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                    .isTrue();
        }
        postgres.stop();
        try (RestartableControlPlane plane = new RestartableControlPlane(data, url).start()) {
            // Whose key it is does not stand in the database.
            assertThatItSaysThatTheDatabaseIsAway(plane, new Rest(plane.url(), plane.adminKey()));
        } finally {
            postgres.start();
        }
    }

    @Test
    void saysWhatAnOwnerWithoutTheRightToMakeRolesNeeds() throws Exception {
        String url = postgres.owner("meagre", "NOCREATEROLE");
        try (RestartableControlPlane plane = new RestartableControlPlane(data, url).start()) {
            assertThat(health(plane, "/ready").body())
                    .contains("meagre cannot make the role meagre_app")
                    .contains("--database-app-url");
        }
    }
}
