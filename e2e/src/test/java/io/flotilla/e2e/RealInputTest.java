package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/**
 * A real Debian image, made by debootstrap and buildah, pulled from a real registry on two hosts and worked from a
 * browser; then one agent is killed, and one host. The number of live replicas is watched throughout. Each chapter stands
 * on the one before.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealInputTest {

    private static final Duration PULL = Duration.ofMinutes(4);
    private static final Duration FAILOVER = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String RUNNING = "#replica-rows tr:has([data-status='running'])";

    private static Flotilla flotilla;
    private static SecondHost host;
    private static Registry registry;
    private static Api api;
    private static Browser browser;
    private static Page page;
    private static String workload = "";
    private static List<Replica> replicas = List.of();

    /** One replica as its row on the page shows it. */
    private record Replica(String allocation, String node, String port) {

        static Replica of(Locator row) {
            return new Replica(
                    row.getAttribute("id").substring("a-".length()),
                    row.locator("a[href^='/nodes/']").getAttribute("href").substring("/nodes/".length()),
                    row.locator("a[target='_blank']").getAttribute("href"));
        }

        Locator row() {
            return page.locator("#a-" + allocation);
        }
    }

    @BeforeAll
    static void makeTwoHostsAndAnImage() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "containers need root");
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        registry = Registry.start();
        try (Images images = Images.open()) {
            images.debian(registry, "sea/debian:1");
        }
        host = SecondHost.boot();
        flotilla = Flotilla.up("--listen", host.gateway() + ":" + Flotilla.freePort());
        api = flotilla.admin();
        host.run("docker-registry", "serve", registry.config());
        host.join(flotilla.command("join-line").success());
        browser = new Browser();
        page = browser.person().newPage();
    }

    @AfterAll
    static void leaveNothing() {
        if (browser != null) {
            browser.close();
        }
        if (flotilla != null) {
            flotilla.close();
        }
        if (host != null) {
            host.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    @Order(1)
    void twoReplicasAreLaunchedThroughTheBrowserOnTwoNodes() {
        page.navigate(flotilla.setupUrl());
        page.fill("#username", "ops-1");
        page.fill("#password", "correct horse battery staple");
        button(page, "Make the account").click();
        page.waitForURL(flotilla.url() + "/");
        page.locator(".tile[data-status='online'], .tile[data-status='warn']")
                .nth(1)
                .waitFor();

        page.navigate(flotilla.url() + "/launch");
        page.fill("#image", registry.name("sea/debian:1"));
        page.fill("#name", "debian");
        page.fill("#replicas", "2");
        page.fill("#cpu", "0.1");
        page.getByLabel("Port 1 in the container").fill("8000");
        page.waitForSelector("#plan :text('2 replicas fit on 2 nodes')");
        button(page, "Launch 2 replicas").click();
        page.waitForURL(Pattern.compile(".*/workloads/[0-9a-f-]{36}"));
        workload = page.url().replaceFirst(".*/", "");
        page.locator(RUNNING)
                .nth(1)
                .locator("a[target='_blank']")
                .waitFor(new Locator.WaitForOptions().setTimeout((double) PULL.toMillis()));

        replicas = page.locator(RUNNING).all().stream().map(Replica::of).toList();
        assertThat(replicas).hasSize(2).extracting(Replica::node).doesNotHaveDuplicates();
    }

    @Test
    @Order(2)
    void thePublishedPortsAnswerAndTheLogsFollow() {
        for (Replica replica : replicas) {
            greeting(replica);
            Page opened = page.context()
                    .waitForPage(
                            () -> replica.row().locator("a[target='_blank']").click());
            opened.waitForSelector("body:has-text('ahoy from')");
            opened.close();

            replica.row().getByLabel(Pattern.compile("^Logs of replica")).click();
            page.waitForSelector("#log-scroll:has-text('all-hands')");
            page.waitForSelector("#follow-state:not([hidden])");
            Await.until("an answer", SOON, () -> Api.open(replica.port() + "over-there"), text -> true);
            page.waitForSelector("#log-scroll:has-text('url:/over-there')");
            page.navigate(workloadPage());
        }
    }

    private static void greeting(Replica replica) {
        Await.until(
                "the published port " + replica.port(),
                SOON,
                () -> Api.open(replica.port()),
                text -> text.startsWith("ahoy from"));
    }

    private static String workloadPage() {
        return flotilla.url() + "/workloads/" + workload;
    }

    @Test
    @Order(3)
    void aCommandRunsInTheBrowsersTerminal() {
        for (Replica replica : replicas) {
            replica.row().getByLabel(Pattern.compile("^Terminal in replica")).click();
            page.waitForSelector("#terminal-state[data-status='running']");
            page.keyboard().type("cat /etc/debian_version; exit 7\n");
            page.waitForSelector("#terminal-state:has-text('exit code 7')");
            assertThat(page.textContent(".xterm-rows")).containsPattern("exit 7\\s*12\\.");
            page.navigate(workloadPage());
        }
    }

    @Test
    @Order(4)
    void anAgentThatIsKilledFindsItsContainerAgain() throws Exception {
        List<Long> agents = flotilla.agents();
        assertThat(agents).isNotEmpty();
        agents.forEach(agent -> ProcessHandle.of(agent).ifPresent(ProcessHandle::destroyForcibly));
        Replica local = local();
        assertThat(Api.open(local.port())).startsWith("ahoy from");
        Await.until("a new agent", SOON, flotilla::agents, now -> !now.isEmpty() && !now.equals(agents));
        Await.until(
                "the adopted container to answer its new agent",
                SOON,
                () -> flotilla.command("exec", local.allocation(), "/bin/true").status() == 0);
        assertThat(live()).hasSize(2).allSatisfy(allocation -> {
            assertThat(allocation.get("attempt").asInt()).isEqualTo(1);
            assertThat(replicas)
                    .extracting(Replica::allocation)
                    .contains(allocation.get("id").asString());
        });
    }

    /** The replica on the host of the control plane. */
    private static Replica local() {
        return replicas.stream()
                .filter(replica -> replica.port().startsWith("http://127.0.0.1:"))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonNode> live() {
        return api.items("/api/v1/allocations?workload=" + workload).stream()
                .filter(allocation -> allocation.get("status").asString().equals("running"))
                .filter(allocation -> !allocation.get("nodeLost").asBoolean())
                .toList();
    }

    @Test
    @Order(5)
    void theReplicaOfADeadHostIsReplacedWhileSomeoneLooksOn() {
        page.navigate(workloadPage());
        host.die();
        Await.until(
                "two replicas on the host that is left",
                FAILOVER,
                () -> {
                    assertThat(live().size()).as("live replicas").isBetween(1, 2);
                    return page.locator(RUNNING)
                            .filter(new Locator.FilterOptions()
                                    .setHas(page.locator("a[href='/nodes/" + local().node() + "']")))
                            .count();
                },
                running -> running == 2);
        assertThat(local().row().locator("[data-status='running']").count()).isEqualTo(1);
        page.navigate(flotilla.url() + "/");
        page.waitForSelector(".tile[data-status='lost']");
    }

    @Test
    @Order(6)
    void theAuditLogTellsTheStory() {
        page.navigate(flotilla.url() + "/audit");
        assertThat(page.textContent("#audit-rows"))
                .contains("join-token.create", "node.enrol", "workload.create", "terminal.open", "node.lost");
        button(page, "Verify").click();
        page.waitForSelector(".chain[data-status='verified']");
        assertThat(browser.complaints()).isEmpty();
    }
}
