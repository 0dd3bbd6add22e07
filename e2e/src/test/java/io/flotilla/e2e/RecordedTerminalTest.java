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

/** A shell that survives its page, and its replay by an auditor. Each step stands on what the one before it left. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RecordedTerminalTest {

    private static final String PASSWORD = "correct horse battery staple";
    private static final String BUSYBOX = "flotilla/busybox:test";
    private static final Path SHOTS = Path.of("target", "shots");

    private static Flotilla flotilla;
    private static Browser browser;
    private static Page operator;
    private static Page auditor;
    private static String terminal = "";

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        flotilla = Flotilla.up();
        browser = new Browser();
        setUp();
        Api admin = flotilla.admin();
        for (var user : Map.of("ops-1", "operator", "audit-1", "auditor").entrySet()) {
            admin.post("/api/v1/users", Map.of("name", user.getKey(), "password", PASSWORD, "role", user.getValue()))
                    .expect(201);
        }
        try (Images images = Images.open()) {
            String archive = images.busybox("localhost/busybox:test").toString();
            flotilla.command("image", "import", archive, "--name", BUSYBOX).success();
        }
        List<String> command = List.of("/bin/sleep", "1000000");
        admin.post("/api/v1/workloads", Map.of("name", "box", "kind", "service", "image", BUSYBOX, "command", command))
                .expect(201);
        operator = signIn("ops-1");
        auditor = signIn("audit-1");
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

    private static void setUp() {
        Page page = browser.person().newPage();
        page.navigate(flotilla.setupUrl());
        page.fill("#username", "admin-1");
        page.fill("#password", PASSWORD);
        button(page, "Make the account").click();
        page.waitForURL(flotilla.url() + "/");
        page.close();
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

    @Test
    @Order(1)
    void aShellGoesOnAfterItsPageWasReloadedAndReloadingAsks() {
        operator.navigate(flotilla.url() + "/workloads");
        operator.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("box").setExact(true))
                .first()
                .click();
        operator.waitForSelector("#head .badge[data-status='running']");
        operator.getByLabel("Terminal in replica 1").click();
        operator.waitForSelector("#terminal-state[data-status='running']");
        assertThat(operator.url()).containsPattern("session=[A-Za-z0-9_-]{43}");
        terminal = operator.url();
        operator.keyboard().type("kept=survived-$((6*7)); echo before\n");
        operator.waitForSelector(".xterm-rows:has-text('before')");
        List<String> asked = new ArrayList<>();
        operator.onDialog(dialog -> {
            asked.add(dialog.type());
            dialog.accept();
        });

        operator.reload();

        assertThat(asked).containsExactly("beforeunload");
        operator.waitForSelector("#terminal-state[data-status='running']");
        operator.waitForSelector(".xterm-rows:has-text('before')");
        assertThat(operator.url()).isEqualTo(terminal);
        operator.keyboard().type("echo it $kept\n");
        operator.waitForSelector(".xterm-rows:has-text('it survived-42')");
    }

    @Test
    @Order(2)
    void theTerminalsPageIsAccessibleAndFitsEveryWidth() {
        assertThat(findings(operator, "terminal")).isEmpty();
    }

    @Test
    @Order(3)
    void aTerminalThatHasEndedIsNotComeBackTo() {
        operator.keyboard().type("exit 4\n");
        operator.waitForSelector("#terminal-state:has-text('exit code 4')");
        assertThat(operator.url()).doesNotContain("session=");
        operator.navigate(terminal);
        assertThat(operator.textContent("main")).contains("This terminal has ended");
    }

    @Test
    @Order(4)
    void anAuditorReplaysItFromItsEntry() {
        auditor.navigate(flotilla.url() + "/audit?q=action:terminal.end");
        auditor.locator("#audit-rows a").first().click();
        auditor.waitForSelector("#entry");
        auditor.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Replay"))
                .click();
        auditor.waitForURL(Pattern.compile(".*/recordings/.*"));
        assertThat(auditor.textContent("#proof")).isEqualTo("The file is as it was written");
        assertThat(auditor.textContent(".facts")).contains("ops-1", "box 1");
        auditor.selectOption("#speed", "16");
        button(auditor, "Play").click();
        auditor.waitForSelector("[data-state]:has-text('The end.')");
        auditor.waitForSelector(".xterm-rows:has-text('it survived-42')");

        auditor.locator("[data-seek]").fill("0");
        auditor.waitForFunction("() => !document.querySelector('.xterm-rows').textContent.includes('survived')");
        auditor.locator("[data-seek]").press("End");
        auditor.waitForSelector(".xterm-rows:has-text('it survived-42')");

        String address = auditor.getAttribute("a[download]", "href");
        String cast = auditor.context().request().get(flotilla.url() + address).text();
        assertThat(cast).startsWith("{\"version\":2").contains("it survived-42");
        assertThat(findings(auditor, "replay")).isEmpty();
    }

    @Test
    @Order(5)
    void onlyReviewersSeeItAndNoPageComplained() {
        operator.navigate(auditor.url());
        assertThat(operator.textContent("h1")).contains("Your role does not allow this");
        auditor.navigate(flotilla.url() + "/audit?verify=1");
        auditor.waitForSelector(".chain[data-status='verified']");
        assertThat(auditor.textContent("#audit-rows")).contains("recording.read");
        assertThat(browser.complaints()).isEmpty();
    }

    private static List<String> findings(Page page, String name) {
        List<String> found = new ArrayList<>();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : new int[] {320, 768, 1440}) {
                Browser.look(page, scheme, width);
                String where = name + "-" + scheme + "-" + width;
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(SHOTS.resolve(where + ".png"))
                        .setFullPage(true));
                Browser.axe(page).forEach(finding -> found.add(where + ": " + finding));
                if (Browser.scrollsSideways(page)) {
                    found.add(where + ": scrolls sideways");
                }
            }
        }
        return found;
    }
}
