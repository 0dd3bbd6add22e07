package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What the three groups do in a browser, on one whole Flotilla: operators, a team, an auditor. Each journey stands on
 * what the one before it left, as a day does.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardTest {

    private static final String PASSWORD = "correct horse battery staple";
    private static final Path SCREENSHOT = Flotilla.ROOT.resolve("docs/screenshots/fleet.png");

    private static Flotilla flotilla;
    private static Browser browser;
    private static Page operator;

    @BeforeAll
    static void start() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        flotilla = Flotilla.up();
        browser = new Browser();
        operator = browser.person().newPage();
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

    @Test
    @Order(1)
    void firstRunMakesAnAdminAndShowsTheNodeOnline() {
        operator.navigate(flotilla.setupUrl());
        assertThat(operator.url()).doesNotContain("token=");
        operator.fill("#username", "ops-1");
        operator.fill("#password", PASSWORD);
        button(operator, "Make the account").click();
        operator.waitForURL(flotilla.url() + "/");
        operator.waitForSelector(".tile[data-status='online'], .tile[data-status='warn']");
        assertThat(operator.textContent("#checklist")).contains("Run a container");
    }

    @Test
    @Order(2)
    void operatorLaunchesTheSampleAndSeesItRunWithoutReloading() {
        operator.navigate(flotilla.url() + "/launch");
        operator.fill("#name", "hello");
        operator.waitForSelector("#plan :text('replica fits')");
        button(operator, Pattern.compile("^Launch")).click();
        operator.waitForURL(Pattern.compile(".*/workloads/.*"));
        operator.waitForSelector("#head .badge[data-status='running']");
        operator.waitForSelector("#replica-rows [data-status='running']");
        assertThat(operator.textContent("#timeline-list")).contains("Replica 1 runs", "Revision 1, by ops-1");
    }

    @Test
    @Order(3)
    void operatorReadsLogsAndWorksInATerminal() {
        String workload = operator.url();
        operator.navigate(workload + "/logs");
        operator.waitForSelector("#log-scroll pre");
        assertThat(operator.textContent("#log-scroll")).contains("listening on port 8080");
        operator.navigate(workload + "/logs?at=2099-01-01T00:00");
        assertThat(operator.textContent("#log-scroll")).contains("Nothing was written from that time on.");
        operator.navigate(workload + "/logs?at=2020-01-01T00:00&q=no-such-words&only=1");
        assertThat(operator.textContent("#log-scroll")).doesNotContain("listening on port 8080");
        assertThat(downloaded()).doesNotContain("listening on port 8080");
        operator.navigate(workload + "/logs?at=2020-01-01T00:00&q=Listening&only=1");
        assertThat(operator.textContent("#log-scroll")).contains("listening on port 8080");
        assertThat(downloaded()).contains("listening on port 8080");
        operator.navigate(workload);
        operator.getByLabel("Terminal in replica 1").click();
        operator.waitForSelector("#terminal-state[data-status='running']");
        operator.keyboard().type("echo said inside; exit 3\n");
        operator.waitForSelector("#terminal-state:has-text('exit code 3')");
        assertThat(operator.textContent(".xterm-rows")).containsPattern("exit 3\\s*said inside");
        operator.navigate(workload);
        operator.getByLabel("Confinement of replica 1").click();
        assertThat(operator.textContent("#sum")).matches("All [0-9]+ settings are in force as asked");
        assertThat(operator.textContent("main")).contains("User namespace", "System call filter", "Masked paths");
        operator.navigate(workload);
    }

    private static String downloaded() {
        String address = operator.getAttribute("a[download]", "href");
        return operator.context().request().get(flotilla.url() + address).text();
    }

    @Test
    @Order(4)
    void aRefusedLaunchKeepsWhatWasTypedAndPointsAtTheField() {
        operator.navigate(flotilla.url() + "/launch");
        operator.fill("#name", "hello");
        button(operator, Pattern.compile("^Launch")).click();
        operator.waitForSelector("[aria-invalid='true']");
        assertThat(operator.inputValue("#name")).isEqualTo("hello");
        assertThat(operator.evaluate("() => document.activeElement.id")).isEqualTo("name");
    }

    @Test
    @Order(5)
    void everyPageIsAccessibleInBothThemesAtEveryWidth() {
        List<String> found = new ArrayList<>();
        for (String path : pages()) {
            operator.navigate(flotilla.url() + path);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                for (int width : new int[] {320, 768, 1440}) {
                    Browser.look(operator, scheme, width);
                    String where = path + " " + scheme + " " + width + ": ";
                    Browser.axe(operator).forEach(finding -> found.add(where + finding));
                    if (Browser.scrollsSideways(operator)) {
                        found.add(where + "scrolls sideways");
                    }
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static List<String> pages() {
        String workload = link("/workloads", "/workloads/[0-9a-f-]{36}");
        String allocation = link(workload, "a-[0-9a-f-]{36}").substring(2);
        String node = link("/", "/nodes/[0-9a-f-]{36}");
        return List.of(
                "/",
                node,
                "/workloads",
                workload,
                workload + "?tab=revisions",
                workload + "?confirm=delete",
                workload + "/logs",
                "/allocations/" + allocation + "/terminal",
                "/allocations/" + allocation + "/applied",
                "/launch",
                "/images",
                "/teams?edit=new",
                "/users",
                "/tokens",
                "/account",
                "/audit?verify=1&entry=1",
                "/join",
                "/search?q=hello",
                "/nowhere");
    }

    private static String link(String page, String pattern) {
        operator.navigate(flotilla.url() + page);
        var matcher = Pattern.compile(pattern).matcher(operator.content());
        assertThat(matcher.find()).as("%s on %s", pattern, page).isTrue();
        return matcher.group();
    }

    @Test
    @Order(6)
    void theFirstPageIsWorthAPicture() throws Exception {
        Browser.look(operator, ColorScheme.LIGHT, 1440);
        operator.navigate(flotilla.url() + "/");
        operator.waitForSelector("#connection:not([hidden])");
        operator.waitForSelector("#node-rows time[data-age]");
        Files.createDirectories(SCREENSHOT.getParent());
        operator.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOT));
        assertThat(SCREENSHOT).isNotEmptyFile();
    }

    @Test
    @Order(7)
    void aTeamLaunchesWithinItsQuotaAndSeesNothingOfOthers() {
        Api admin = flotilla.admin();
        admin.post("/api/v1/teams", Map.of("name", "payments", "quota", Map.of("replicas", 1)))
                .expect(201);
        admin.post("/api/v1/users", Map.of("name", "dev-1", "password", PASSWORD, "role", "member"))
                .expect(201);
        operator.navigate(flotilla.url() + "/teams");
        operator.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("payments").setExact(true))
                .first()
                .click();
        operator.fill("#user", "dev-1");
        button(operator, "Add").click();
        operator.waitForSelector("[aria-label='Remove dev-1']");

        Page member = signIn("dev-1");
        member.navigate(flotilla.url() + "/workloads");
        assertThat(member.textContent("main")).doesNotContain("hello");
        member.navigate(flotilla.url() + "/launch");
        member.fill("#name", "till");
        member.fill("#replicas", "2");
        button(member, Pattern.compile("^Launch")).click();
        member.waitForSelector("[aria-invalid='true'], [role='alert']");
        assertThat(member.textContent("main")).contains("quota");
        member.fill("#replicas", "1");
        button(member, Pattern.compile("^Launch")).click();
        member.waitForURL(Pattern.compile(".*/workloads/.*"));
        member.waitForSelector("#head .badge[data-status='running']");
        member.navigate(flotilla.url() + "/audit");
        assertThat(member.textContent("h1")).contains("Your role does not allow this");
    }

    @Test
    @Order(8)
    void anAuditorReadsWhoDidWhatAndVerifiesTheChain() {
        flotilla.admin()
                .post("/api/v1/users", Map.of("name", "audit-1", "password", PASSWORD, "role", "auditor"))
                .expect(201);
        Page auditor = signIn("audit-1");
        auditor.navigate(flotilla.url() + "/audit");
        assertThat(auditor.textContent("#audit-rows")).contains("workload.create", "terminal.open", "dev-1");
        auditor.fill("main [name='q']", "actor:dev-1 result:refused");
        auditor.keyboard().press("Enter");
        auditor.waitForSelector(".chip:has-text('actor')");
        assertThat(auditor.textContent("#audit-rows")).contains("refused").doesNotContain("ops-1");
        button(auditor, Pattern.compile("^Verify")).click();
        auditor.waitForSelector(".chain[data-status='verified']");
        auditor.navigate(flotilla.url() + "/launch");
        assertThat(auditor.textContent("h1")).contains("Your role does not allow this");
    }

    @Test
    @Order(9)
    void aPastedComposeFileFillsTheFormServiceByService() {
        operator.navigate(flotilla.url() + "/launch");
        operator.locator(".paste summary").click();
        operator.fill("#line", """
                services:
                  front:
                    image: flotilla/sample:latest
                    restart: always
                    ports: ["8080"]
                    depends_on: [back]
                  back:
                    image: flotilla/sample:latest
                    restart: always
                    deploy: {replicas: 2}
                """);
        button(operator, "Fill the form").click();
        operator.waitForSelector("h1:has-text('Launch 2 services')");
        button(operator, "Only front, in the form").click();
        operator.waitForSelector(".paste [role='alert']:has-text('depends_on')");
        assertThat(operator.inputValue("#name")).isEqualTo("front");
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            assertThat(Browser.axe(Browser.look(operator, scheme, 320))).isEmpty();
            assertThat(Browser.scrollsSideways(operator)).isFalse();
        }
        Browser.look(operator, ColorScheme.LIGHT, 1440);
        button(operator, "Fill the form from back").click();
        operator.waitForSelector(".paste [role='status']:has-text('All of back is in the form')");
        assertThat(operator.inputValue("#name")).isEqualTo("back");
        assertThat(operator.inputValue("#replicas")).isEqualTo("2");
    }

    @Test
    @Order(10)
    void aPastedDockerRunLineFillsTheFormAndNamesWhatItCannotCarryOver() {
        operator.navigate(flotilla.url() + "/launch");
        operator.locator(".paste summary").click();
        operator.fill("#line", "docker run -it --name box -v /data:/data flotilla/sample:latest /bin/sh");
        button(operator, "Fill the form").click();
        operator.waitForSelector(".paste [role='alert']:has-text('-v /data:/data')");
        assertThat(operator.inputValue("#name")).isEqualTo("box");
        assertThat(operator.inputValue("#args")).isEqualTo("/bin/sh");
        assertThat(operator.textContent("#plan"))
                .contains("run -d --job -i -t --name box flotilla/sample:latest /bin/sh");
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            assertThat(Browser.axe(Browser.look(operator, scheme, 320))).isEmpty();
            assertThat(Browser.scrollsSideways(operator)).isFalse();
        }
        Browser.look(operator, ColorScheme.LIGHT, 1440);
    }

    /** What {@code ./flotilla run -it} does, from the browser: on the form that was just filled. */
    @Test
    @Order(11)
    void operatorAttachesToAShellThatIsTheContainersOwnProcess() {
        operator.fill("#command", "/bin/sh");
        operator.fill("#args", "");
        button(operator, Pattern.compile("^(Launch|Run)")).click();
        operator.waitForURL(Pattern.compile(".*/workloads/.*"));
        String workload = operator.url();
        operator.waitForSelector("#head .badge[data-status='running']");
        operator.getByLabel("Terminal in replica 1").click();
        operator.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Its own process"))
                .click();
        operator.waitForSelector("#terminal-state:has-text('Attached')");
        operator.keyboard().type("sleep 600\n");
        operator.waitForSelector(".xterm-rows:has-text('sleep 600')");
        operator.keyboard().press("Control+c");
        operator.keyboard().type("echo went on after $?; exit 5\n");
        operator.waitForSelector("#terminal-state:has-text('exit code 5')");
        assertThat(operator.textContent(".xterm-rows")).contains("went on after 130");
        operator.navigate(workload);
        operator.waitForSelector("#replica-rows :text('exited with code 5')");
    }

    @Test
    @Order(12)
    void drainingIsShownBeforeItIsDone() {
        operator.navigate(flotilla.url() + link("/", "/nodes/[0-9a-f-]{36}") + "?confirm=drain");
        assertThat(operator.textContent("#confirm")).contains("hello 1 stays");
        operator.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Cancel"))
                .click();
    }

    @Test
    @Order(13)
    void aServiceThatKeepsExitingIsCalledThat() {
        String id = flotilla.admin()
                .post(
                        "/api/v1/workloads",
                        Map.of(
                                "name", "restless",
                                "team", "default",
                                "kind", "service",
                                "image", "flotilla/sample:latest",
                                "command", List.of("/bin/sh", "-c", "exit 3")))
                .expect(201)
                .path("id")
                .asString();
        operator.navigate(flotilla.url() + "/workloads/" + id);
        operator.waitForSelector("#head .badge[data-status='failing']:has-text('Keeps exiting')");
        operator.waitForSelector("#why-panel:has-text('It keeps exiting, last with exit code 3.')");
        operator.waitForSelector("#why-panel:has-text('Replica 1 has exited 4 times. The next try comes in')");
        operator.waitForSelector("#why-panel a:has-text('Read its logs')");
    }

    @Test
    @Order(14)
    void everybodyChangesTheirOwnPassword() {
        Page member = signIn("dev-1");
        member.navigate(flotilla.url() + "/account");
        member.fill("#current", "not the one");
        member.fill("#password", PASSWORD + "!");
        member.fill("#repeated", PASSWORD + "!");
        button(member, "Change the password").click();
        member.waitForSelector("#current[aria-invalid='true']");
        member.fill("#current", PASSWORD);
        member.fill("#password", PASSWORD + "!");
        member.fill("#repeated", PASSWORD + "!");
        button(member, "Change the password").click();
        member.waitForSelector("[role='status']:has-text('The password is changed.')");
        member.navigate(flotilla.url() + "/workloads");
        assertThat(member.url()).endsWith("/workloads");
    }

    @Test
    @Order(15)
    void noPageComplainedInTheConsole() {
        assertThat(browser.complaints()).isEmpty();
    }

    private static Page signIn(String name) {
        Page page = browser.person().newPage();
        page.navigate(flotilla.url() + "/login");
        page.fill("#username", name);
        page.fill("#password", PASSWORD);
        button(page, "Sign in").click();
        page.waitForURL(flotilla.url() + "/");
        return page;
    }
}
