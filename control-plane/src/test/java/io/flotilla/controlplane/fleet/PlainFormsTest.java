package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a browser without scripts sends: the page's token stands in the form, and not in a header. */
class PlainFormsTest {

    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final String PASSWORD = "correct horse";

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;
    private static String cookie;

    @BeforeAll
    static void start() throws IOException {
        plane = new RestartableControlPlane(data).start();
        rest = new Rest(plane.url(), plane.adminKey());
        plane.bean(Users.class)
                .create(Actor.localRoot("test"), new UserChange("ops-1", null, Role.OPERATOR.word(), PASSWORD, null));
        String port = plane.url().replaceAll(".*:", "");
        String session = plane.bean(Logins.class).login("ops-1", PASSWORD, new Browser("127.0.0.1", "test"));
        cookie = "flotilla-" + port + "=" + session;
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(plane.url() + path))
                .header("Cookie", cookie)
                .header("Origin", plane.url())
                .header("Accept", "text/html");
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static HttpResponse<String> post(String page, String path, String fields) throws Exception {
        Matcher token = TOKEN.matcher(send(request(page).build()).body());
        assertThat(token.find()).isTrue();
        String form = "_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8) + "&" + fields;
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build());
    }

    @Test
    void launchesScalesStopsAndDeletes() throws Exception {
        HttpResponse<String> launched = post(
                "/launch",
                "/launch",
                "image=flotilla%2Fsample&name=plain&team=default&kind=service&replicas=1&cpu=0.1&memory=16&memoryUnit=Mi"
                        + "&restart=always&network=bridge&userns=yes");
        assertThat(launched.statusCode()).as(launched.body()).isEqualTo(303);
        String workload = launched.headers().firstValue("Location").orElseThrow();

        for (String step : List.of("/scale?replicas=3", "/stop", "/start")) {
            URI action = URI.create(workload + step);
            HttpResponse<String> done = post(workload, action.getPath(), String.valueOf(action.getQuery()));
            assertThat(done.statusCode()).as(step + done.body()).isEqualTo(303);
        }
        assertThat(rest.get("/api/v1" + workload).body().path("replicas").asInt())
                .isEqualTo(3);
        HttpResponse<String> unnamed = post(workload, workload + "/delete", "typed=plane");
        assertThat(unnamed.statusCode()).isEqualTo(422);
        assertThat(unnamed.body()).contains("Type plain to delete it.");
        assertThat(post(workload, workload + "/delete", "typed=plain").statusCode())
                .isEqualTo(303);
        Rest.Answer deleted = rest.get("/api/v1" + workload);
        assertThat(deleted.status() == 404
                        || deleted.body().path("wanted").asString().equals("deleted"))
                .as("%s", deleted)
                .isTrue();
    }

    private static HttpResponse<String> compose(String path, String more, String file) throws Exception {
        return post(
                "/launch", path, "team=default&" + more + "line=" + URLEncoder.encode(file, StandardCharsets.UTF_8));
    }

    private static List<String> workloads() {
        return rest.list("/api/v1/workloads").stream()
                .map(each -> each.path("name").asString())
                .toList();
    }

    @Test
    void launchesEveryServiceOfAComposeFileOrNone() throws Exception {
        String file = """
                services:
                  shop_web: {image: flotilla/sample, restart: always, deploy: {replicas: 2}}
                  shop_db: {image: flotilla/sample, restart: always, mem_limit: 64m}
                  shop_once: {image: flotilla/sample, restart: "no", command: [], %s}
                """;
        HttpResponse<String> wrong = compose("/launch/all", "", file.formatted("hostname: Not A Name"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body())
                .contains("<b>hostName</b>", "&quot;Not A Name&quot; must be 1 to 63 lower-case letters")
                .contains("shop_once: {image: flotilla/sample");
        assertThat(workloads()).noneMatch(name -> name.startsWith("shop-"));

        HttpResponse<String> plan = compose("/launch/paste", "", file.formatted("tty: true"));
        assertThat(plan.statusCode()).isEqualTo(200);
        assertThat(plan.body()).contains("Launch 3 workloads", "/api/v1/workloads/batch", "3 entries");
        assertThat(compose("/launch/paste", "service=shop_db&", file.formatted("tty: true"))
                        .body())
                .contains("the form holds <b>shop_db</b>", "Launch all 3");
        assertThat(workloads()).noneMatch(name -> name.startsWith("shop-"));

        assertThat(compose("/launch/all", "", file.formatted("tty: true")).statusCode())
                .isEqualTo(303);
        assertThat(workloads()).contains("shop-web", "shop-db", "shop-once");
        assertThat(rest.list("/api/v1/workloads").stream()
                        .filter(each -> each.path("name").asString().equals("shop-once"))
                        .map(each ->
                                each.path("args").toString() + each.path("kind").asString()))
                .containsExactly("[]service");
        HttpResponse<String> again = compose("/launch/all", "", file.formatted("tty: true"));
        assertThat(again.statusCode()).isEqualTo(422);
        assertThat(again.body()).contains("&quot;shop-db&quot; is taken by another workload of this team");
    }

    @Test
    void callsTheOtherServiceByItsNameWhereTwoBecomeTheSame() throws Exception {
        HttpResponse<String> refused = compose("/launch/all", "", """
                services:
                  a_b: {image: flotilla/sample, restart: always}
                  a-b: {image: flotilla/sample, restart: always}
                  a.b: {image: flotilla/sample, restart: always}
                """);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("&quot;a-b&quot; is the name of a_b, too.");
    }

    @Test
    void aFormWithoutThePagesTokenChangesNothing() throws Exception {
        HttpResponse<String> refused = send(request("/launch")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("image=flotilla%2Fsample&name=forged&team=default"))
                .build());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(rest.list("/api/v1/workloads"))
                .extracting(each -> each.path("name").asString())
                .doesNotContain("forged");
    }
}
