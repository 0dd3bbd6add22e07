package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The dashboard in a browser that runs no scripts: links and forms do everything but terminals, replays and uploads. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlainPagesTest {

    private static final String PASSWORD = "correct horse battery staple";
    private static final Duration SOON = Duration.ofSeconds(60);

    private static Flotilla flotilla;
    private static Browser browser;
    private static Page page;
    private static String workload = "";

    @BeforeAll
    static void start() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        flotilla = Flotilla.up();
        browser = new Browser();
        page = browser.personWithoutScripts().newPage();
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
    void theTokenOfTheSetupLinkCanBeTyped() {
        String link = flotilla.setupUrl();
        page.navigate(link);
        page.fill("#token", link.replaceFirst(".*#token=", ""));
        page.fill("#username", "ops-1");
        page.fill("#password", PASSWORD);
        button(page, "Make the account").click();
        shows("h1", "Fleet");
    }

    @Test
    @Order(2)
    void signsOutAndIn() {
        button(page, "Account ops-1").click();
        button(page, "Sign out").click();
        page.navigate(flotilla.url() + "/workloads");
        page.fill("#username", "ops-1");
        page.fill("#password", "not the one");
        button(page, "Sign in").click();
        shows("[role='alert']", "wrong");
        assertThat(page.inputValue("#username")).isEqualTo("ops-1");
        page.fill("#password", PASSWORD);
        button(page, "Sign in").click();
        shows("h1", "Workloads");
        page.navigate(flotilla.url() + "/");
        awaitOnReload(".tile", "Online");
    }

    @Test
    @Order(3)
    void theLaunchFormShowsItsPlanRefusesAndLaunches() {
        page.navigate(flotilla.url() + "/launch");
        page.fill("#name", "plain");
        page.fill("#replicas", "two");
        button(page, "Show the plan").click();
        shows("#plan", "must be a whole number");
        button(page, Pattern.compile("^Launch")).click();
        shows("#replicas-hint", "Must be a whole number.");
        assertThat(page.inputValue("#name")).isEqualTo("plain");
        page.fill("#replicas", "1");
        button(page, "Show the plan").click();
        shows("#plan", "1 replica fits on 1 node.");
        button(page, "Launch 1 replica").click();
        page.waitForURL(Pattern.compile(".*/workloads/[0-9a-f-]{36}"));
        workload = page.url();
        awaitOnReload("#head", "1 of 1 running");
    }

    @Test
    @Order(4)
    void scalesAndShowsWhyNot() {
        page.fill("#scale-to", "2");
        button(page, "Scale").click();
        awaitOnReload("#head", "2 of 2 running");
        page.fill("#scale-to", "900");
        button(page, "Scale").click();
        awaitOnReload("#why-panel", "cores free, 0.25 cores asked for");
        page.fill("#scale-to", "2");
        button(page, "Scale").click();
        awaitOnReload("#head", "Running");
    }

    @Test
    @Order(5)
    void logsAreReadSearchedAndDownloaded() {
        page.navigate(workload + "/logs");
        shows("#log-scroll", "listening on port 8080");
        page.fill("#log-filter [name='q']", "no such words");
        page.check("#log-filter [name='only']");
        button(page, "Apply").click();
        shows("#log-scroll", "No line matches.");
        page.fill("#log-filter [name='q']", "listening");
        button(page, "Apply").click();
        shows("#hits", "1 hit");
        shows("#log-scroll mark", "listening");
        assertThat(page.context()
                        .request()
                        .get(flotilla.url() + page.getAttribute("a[download]", "href"))
                        .text())
                .contains("listening on port 8080");
    }

    @Test
    @Order(6)
    void whatStopsServiceAsksFirst() {
        page.navigate(workload);
        button(page, "More for plain").click();
        link("Stop, keeps the spec").click();
        shows("#confirm", "2 containers stop");
        link("Cancel").click();
        page.waitForSelector("#confirm", new Page.WaitForSelectorOptions().setState(WaitForSelectorState.DETACHED));
        button(page, "More for plain").click();
        link("Stop, keeps the spec").click();
        button(page, "Stop 2 containers").click();
        awaitOnReload("#head", "Stopped");
        button(page, "Start").click();
        awaitOnReload("#head", "2 of 2 running");
    }

    @Test
    @Order(7)
    void severalAreRestartedTogether() {
        page.navigate(flotilla.url() + "/workloads");
        page.fill("main [name='q']", "pla");
        button(page, "Filter").click();
        page.check("[name='w']");
        button(page, "Restart").click();
        button(page, "Restart 2 containers").click();
        shows(".result", "plain: restarting 2 containers");
        page.navigate(workload);
        awaitOnReload("#head", "2 of 2 running");
    }

    @Test
    @Order(8)
    void theAuditLogIsFilteredReadAndVerified() {
        page.navigate(flotilla.url() + "/audit");
        page.fill("main [name='q']", "action:workload.scale");
        button(page, "Search").click();
        shows(".chips", "workload.scale");
        assertThat(page.locator("#audit-rows tr").count()).isEqualTo(3);
        page.locator("#audit-rows a").last().click();
        shows("#entry", "replicas");
        button(page, "Verify").click();
        shows("#chain", "The chain is whole");
        link("Remove action workload.scale").click();
        shows("#audit-rows", "workload.create");
    }

    @Test
    @Order(9)
    void aNodeIsDrainedAfterItsPreviewAndTakenBack() {
        page.navigate(flotilla.url() + "/");
        page.locator(".tile a").first().click();
        link("Drain").click();
        shows("#confirm", "plain 1 stays: There is no other node");
        button(page, "Drain").click();
        awaitOnReload("#head", "Draining");
        link("Uncordon").click();
        button(page, "Uncordon").click();
        awaitOnReload("#head", "Online");
    }

    @Test
    @Order(10)
    void searchFindsByWord() {
        page.fill(".bar-search input", "plain");
        page.keyboard().press("Enter");
        page.locator("main a:has-text('plain')").first().click();
        page.waitForURL(workload);
    }

    /** A button without a form and without a popover would do nothing. */
    @Test
    @Order(11)
    void noPageOffersWhatOnlyScriptsCarryOut() {
        List<String> dead = new ArrayList<>();
        String terminal = page.getByLabel("Terminal in replica 1").getAttribute("href");
        for (String path : List.of(
                "/",
                "/workloads",
                workload.substring(flotilla.url().length()),
                terminal,
                "/launch",
                "/images",
                "/join",
                "/teams?edit=new",
                "/users",
                "/tokens",
                "/account",
                "/audit?entry=1",
                "/search?q=plain",
                "/nowhere")) {
            page.navigate(flotilla.url() + path);
            page.locator("main button[type='button']:not([popovertarget]):visible, main [data-all]:visible")
                    .all()
                    .forEach(button -> dead.add(path + ": " + button.textContent()));
        }
        assertThat(dead).isEmpty();
        page.navigate(flotilla.url() + "/images");
        assertThat(page.locator("#archive").isVisible()).isFalse();
        assertThat(page.textContent("main noscript")).contains("./flotilla image import FILE");
    }

    @Test
    @Order(12)
    void deletingWantsTheName() {
        page.navigate(workload + "?confirm=delete");
        button(page, "Delete plain").click();
        shows("[role='alert']", "Type plain to delete it.");
        page.fill("#typed", "plain");
        button(page, "Delete plain").click();
        awaitOnReload("main", "No workloads yet");
    }

    private static com.microsoft.playwright.Locator link(String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static void shows(String selector, String text) {
        page.waitForSelector(selector + ":has-text(\"" + text + "\")");
    }

    private static void awaitOnReload(String selector, String text) {
        Await.until(
                text + " in " + selector + " of " + page.url(),
                SOON,
                () -> {
                    page.reload();
                    return page.textContent(selector).replaceAll("\\s+", " ");
                },
                seen -> seen.contains(text));
    }
}
