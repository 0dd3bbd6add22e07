package io.flotilla.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import io.flotilla.protocol.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a person reads who sent something wrong: which field, which value, what would be right. */
class BadRequestsTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;

    @BeforeAll
    static void start() throws IOException {
        plane = new RestartableControlPlane(data).start();
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    private static HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(plane.url() + path))
                .header("Authorization", "Bearer " + plane.adminKey());
    }

    private static JsonNode refused(HttpRequest.Builder request, int status) throws Exception {
        HttpResponse<String> answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return Codec.decode(answer.body(), JsonNode.class);
    }

    private static HttpRequest.Builder launch(String body) throws IOException {
        return request("/api/v1/workloads")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name | "name":"Bad_Name" | "Bad_Name" must be 1 to 63
            replicas | "replicas":-1 | -1 must be from 0 to 1000
            replicas | "replicas":99999999999 | must be a number within its range
            ports[0] | "ports":[null] | must be an object, as in
            ports[0].container | "ports":[{"host":80}] | is required
            ports[0].host | "ports":[{"container":80,"host":70000}] | 70000 must be from 1 to 65535
            resources.memory | "resources":{"memory":"64MB"} | "64MB" must be an integer of bytes
            resources.memory | "resources":{"memory":1} | "1" must be from 4194304
            resources.memory | "resources":{"memory":1e999999} | "Infinity" must be an integer of bytes
            resources.cpus | "resources":{"cpus":1} | is not a known field; known are cpu, cpuShares, memory
            capAdd | "capAdd":["FOO"] | "FOO" is not a capability's name
            stopSignal | "stopSignal":"SIGFOO" | "SIGFOO" must be a signal's name
            command | "command":[""] | must not be empty
            """)
    void namesTheFieldAndTheValue(String field, String wrong, String detail) throws Exception {
        String rest = wrong.startsWith("\"name\"") ? "" : "\"name\":\"fine\",";
        JsonNode answer =
                refused(launch("{" + rest + "\"kind\":\"service\",\"image\":\"flotilla/sample\"," + wrong + "}"), 400);
        assertThat(answer.path("field").asString()).isEqualTo(field);
        assertThat(answer.path("errors").path(0).path("detail").asString()).startsWith(detail);
    }

    @Test
    void namesEveryFieldThatIsNotKnown() throws Exception {
        JsonNode answer = refused(launch("""
                {"name":"fine","nmae":"x","kind":"service","image":"flotilla/sample",
                 "resources":{"cpus":{"a":[1]},"memory":"64Mi"},
                 "ports":[{"container":80},{"container":81,"hots":[1,{"b":2}]}],"last":null}
                """), 400);
        assertThat(answer.path("errors"))
                .extracting(each -> each.path("field").asString())
                .containsExactlyInAnyOrder("nmae", "resources.cpus", "ports[1].hots", "last");
        assertThat(answer.path("detail").asString())
                .contains(
                        "nmae: is not a known field", "ports[1].hots: is not a known field; known are container, host");
    }

    @Test
    void saysWhatABodyHasToBe() throws Exception {
        assertThat(refused(launch(""), 400).path("detail").asString()).contains("it must be an object in JSON");
        HttpRequest.Builder text = request("/api/v1/workloads")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
        assertThat(refused(text, 415).path("detail").asString())
                .isEqualTo("Content-Type \"text/plain\" is not read here; send application/json");
    }

    @Test
    void namesAParameterThatCannotBeRead() throws Exception {
        JsonNode answer = refused(request("/api/v1/allocations?workload=web"), 400);
        assertThat(answer.path("field").asString()).isEqualTo("workload");
        assertThat(answer.path("errors").path(0).path("detail").asString()).isEqualTo("\"web\" must be a UUID");
    }
}
