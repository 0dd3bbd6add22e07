package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the Launch page shows to be pasted into a shell does the same as its button, to the last field. */
class LaunchLinesTest {

    /** What two workloads of the same spec differ in. */
    private static final Set<String> OWN =
            Set.of("id", "name", "createdAt", "createdBy", "changedAt", "status", "running", "reason");

    private static final String COMPOSE = """
            services:
              shop_web: {image: flotilla/sample, restart: always, deploy: {replicas: 2}, command: []}
              shop_db: {image: flotilla/sample, restart: always, mem_limit: 1.5g, user: "${USER_OF_DB:-1000}"}
              shop_debug: {image: flotilla/sample, profiles: [debug]}
            """;

    private static Flotilla flotilla;
    private static Browser browser;
    private static Page page;
    private static Api api;
    private static String token;

    @BeforeAll
    static void start() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        flotilla = Flotilla.up("--no-agent");
        token = flotilla.command("token", "create", "--admin").success().strip();
        api = new Api(flotilla.url(), token);
        browser = new Browser();
        page = browser.person().newPage();
        page.navigate(flotilla.setupUrl());
        page.fill("#username", "ops-1");
        page.fill("#password", "correct horse battery staple");
        button(page, "Make the account").click();
        page.waitForURL(flotilla.url() + "/");
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (flotilla != null) {
            flotilla.close();
        }
    }

    static Stream<Map<String, String>> forms() {
        return Stream.of(
                Map.of("name", "bare", "cpu", "", "memory", "", "portContainer", ""),
                Map.of("name", "task", "kind", "job", "restart", "never", "args", "true", "tty", "yes"),
                Map.of("name", "again", "kind", "job", "restart", "on-failure", "noArgs", "yes"),
                Map.ofEntries(
                        Map.entry("name", "whole"),
                        Map.entry("replicas", "3"),
                        Map.entry("restart", "on-failure"),
                        Map.entry("cpu", "0.5"),
                        Map.entry("memory", "96"),
                        Map.entry("command", "/bin/sh -c"),
                        Map.entry("args", "'echo \"$HOME\"; exit 3' \"it's\" @x -d"),
                        Map.entry("labels", "disk=ssd zone=a"),
                        Map.entry("singleton", "yes"),
                        Map.entry("userns", ""),
                        Map.entry("envName", "GREETING"),
                        Map.entry("envValue", "ahoy = \"$USER\" 'n' `all`"),
                        Map.entry("portHost", "18765"),
                        Map.entry("portProtocol", "udp"),
                        Map.entry("user", "1000:1000"),
                        Map.entry("workingDir", "/srv/a b"),
                        Map.entry("hostName", "box"),
                        Map.entry("pids", "77"),
                        Map.entry("cpuShares", "512"),
                        Map.entry("memoryReservation", "48Mi"),
                        Map.entry("swap", "100000001"),
                        Map.entry("stopSignal", "SIGINT"),
                        Map.entry("stopSeconds", "2.5"),
                        Map.entry("capAdd", "NET_ADMIN SYS_TIME"),
                        Map.entry("capDrop", "CHOWN"),
                        Map.entry("stdin", "yes"),
                        Map.entry("readOnly", "yes")),
                Map.of("name", "hosted", "network", "host", "command", "[", "portContainer", ""));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theLineAndTheCallLaunchTheSameAsTheButton(Map<String, String> form) {
        page.navigate(flotilla.url() + "/launch");
        page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true })");
        Map<String, String> last = new LinkedHashMap<>(form);
        String name = String.valueOf(last.remove("name"));
        last.forEach(LaunchLinesTest::fill);
        fill("name", name);
        page.waitForSelector("#plan code:has-text('--name " + name + " ')");
        List<String> code = page.locator("#plan code").allTextContents();
        String line = code.get(0);
        String call = code.get(1);

        shell(line.replace(
                        "./flotilla run ",
                        "./flotilla run --data " + flotilla.data() + " --port " + flotilla.port() + " ")
                .replace("--name " + name + " ", "--name " + name + "-line "));
        shell(call.replace("\"name\": \"" + name + "\"", "\"name\": \"" + name + "-call\""));
        button(page, Pattern.compile("^(Launch|Run)")).click();
        page.waitForURL(Pattern.compile(".*/workloads/.+"));

        Map<String, JsonNode> made = spec(name);
        assertThat(spec(name + "-line")).as(line).isEqualTo(made);
        assertThat(spec(name + "-call")).as(call).isEqualTo(made);
    }

    private static void fill(String field, String value) {
        String input = "#launch-form [name='" + field + "']";
        String type = String.valueOf(page.getAttribute(input, "type"));
        switch (type) {
            case "checkbox" -> page.setChecked(input, !value.isEmpty());
            case "radio" -> page.check(input + "[value='" + value + "']");
            default -> {
                if (page.locator(input).first().evaluate("each => each.tagName").equals("SELECT")) {
                    page.locator(input).first().selectOption(value);
                } else {
                    page.locator(input).first().fill(value);
                }
            }
        }
    }

    private static Command shell(String script) {
        Command done = Command.run(
                Duration.ofMinutes(1),
                Flotilla.ROOT,
                "/bin/bash",
                "-c",
                "export FLOTILLA_TOKEN=" + token + "\n" + script);
        done.success();
        return done;
    }

    private static JsonNode workload(String name) {
        return api.items("/api/v1/workloads").stream()
                .filter(each -> each.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no workload " + name));
    }

    private static Map<String, JsonNode> spec(String name) {
        Map<String, JsonNode> spec = new LinkedHashMap<>();
        workload(name).properties().stream()
                .filter(field -> !OWN.contains(field.getKey()))
                .forEach(field -> spec.put(field.getKey(), field.getValue()));
        return spec;
    }

    @Test
    void theCallForAChangeChangesTheWorkloadAsTheButtonWould() {
        Api.Answer made = api.post(
                "/api/v1/workloads",
                Map.of("name", "altered", "kind", "service", "image", "flotilla/sample", "args", List.of()));
        String id = made.expect(201).path("id").asString();
        page.navigate(flotilla.url() + "/launch?of=" + id);
        String call = page.locator("#plan code").allTextContents().getFirst();
        assertThat(call).contains("-X PUT").contains(id);
        Map<String, JsonNode> before = spec("altered");
        shell(call);
        assertThat(spec("altered")).isEqualTo(before);
        shell(call.replace("\"replicas\": 1", "\"replicas\": 2"));
        assertThat(workload("altered").path("replicas").asInt()).isEqualTo(2);
    }

    @Test
    void aComposeFileIsOneLaunchByButtonAndByCall() {
        paste(COMPOSE);
        String call = page.locator("#plan code").allTextContents().getLast();
        shell(call.replace("shop-", "call-"));
        assertThat(workload("call-db").path("resources").path("memory").asLong())
                .isEqualTo(3L << 29);
        List<String> found = new ArrayList<>();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : new int[] {320, 768, 1440}) {
                Browser.look(page, scheme, width);
                Browser.axe(page).forEach(fault -> found.add(scheme + " " + width + ": " + fault));
                if (Browser.scrollsSideways(page)) {
                    found.add(scheme + " " + width + " scrolls sideways");
                }
            }
        }
        assertThat(found).isEmpty();
        button(page, "Launch 2 workloads").click();
        page.waitForURL(flotilla.url() + "/workloads");
        assertThat(spec("call-web")).isEqualTo(spec("shop-web"));
        assertThat(spec("call-db")).isEqualTo(spec("shop-db"));
        assertThat(api.items("/api/v1/workloads"))
                .noneMatch(each -> each.path("name").asString().equals("shop-debug"));

        paste(COMPOSE);
        assertThat(page.textContent("#plan")).contains("is taken by another workload of this team");
        button(page, "Only shop_debug, in the form").click();
        page.waitForSelector("#name");
        assertThat(page.inputValue("#name")).isEqualTo("shop-debug");
        assertThat(browser.complaints()).isEmpty();
    }

    private static void paste(String file) {
        page.navigate(flotilla.url() + "/launch");
        page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true })");
        page.fill("#line", file);
        button(page, "Fill the form").click();
        page.waitForSelector("h1:has-text('Launch 2 services')");
    }
}
