package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The keys that the dashboard listens to, and where the keyboard is while live updates replace parts of a page. */
class KeyboardTest {

    private static Flotilla flotilla;
    private static Browser browser;
    private static Page page;
    private static Api api;
    private static String workload;

    @BeforeAll
    static void start() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        flotilla = Flotilla.up();
        browser = new Browser();
        page = browser.admin(flotilla);
        api = flotilla.admin();
        workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name", "hello",
                                "team", "default",
                                "kind", "service",
                                "image", "flotilla/sample:latest",
                                "resources", Map.of("cpu", 0.1, "memory", "16Mi")))
                .expect(201)
                .path("id")
                .asString();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            assertThat(browser.complaints()).isEmpty();
            browser.close();
        }
        if (flotilla != null) {
            flotilla.close();
        }
    }

    @BeforeEach
    void oneReplicaRuns() {
        scale(1);
        open("/workloads/" + workload);
        page.waitForSelector("#head:has-text('1 of 1 running')");
    }

    @Test
    void slashGoesToTheListsFilterOrElseToTheSearch() {
        open("/workloads");
        press("/");
        assertThat(focused()).isEqualTo("Filter workloads");
        page.keyboard().type("a/b");
        assertThat(page.inputValue("main [name='q']")).isEqualTo("a/b");
        open("/");
        press("/");
        assertThat(focused()).isEqualTo("Search");
        open("/audit");
        press("/");
        assertThat(focused()).isEqualTo("Search the audit log");
        page.keyboard().press("Control+k");
        assertThat(focused()).isEqualTo("Search");
    }

    @Test
    void gAndALetterGoThere() {
        for (Locator entry : page.locator(".nav a").all()) {
            String key = entry.getAttribute("data-key");
            String address = entry.getAttribute("href");
            open("/account");
            page.locator("h1").click();
            press("g");
            press(key);
            page.waitForURL(flotilla.url() + address);
        }
        open("/workloads");
        page.locator("main [name='q']").click();
        page.keyboard().type("gf");
        assertThat(page.inputValue("main [name='q']")).isEqualTo("gf");
        assertThat(page.url()).endsWith("/workloads");
    }

    @Test
    void aQuestionMarkListsTheKeysAndEscapeGoesBack() {
        Locator link = page.locator("#replica-rows a").first();
        link.focus();
        String before = focused();
        press("?");
        page.waitForSelector("#keys[open] :text('Search everything')");
        press("g");
        press("a");
        press("Escape");
        page.waitForSelector("#keys", hidden());
        assertThat(focused()).isEqualTo(before);
        assertThat(page.url()).endsWith(workload);
    }

    @Test
    void aLinkInARowKeepsTheFocusWhileRowsComeAndGo() {
        page.getByLabel("Logs of replica 1").focus();
        scale(3);
        page.waitForSelector("#head:has-text('3 of 3 running')");
        assertThat(focused()).isEqualTo("Logs of replica 1");
        press("Tab");
        assertThat(focused()).isEqualTo("Terminal in replica 1");
        scale(1);
        page.waitForSelector("#head:has-text('1 of 1 running')");
        assertThat(focused()).isEqualTo("Terminal in replica 1");
    }

    @Test
    void whatIsBeingTypedIsNotOverwritten() {
        page.locator("#scale-to").click();
        page.keyboard().press("Control+a");
        page.keyboard().type("12");
        scale(2);
        page.waitForSelector("#head:has-text('2 of 2 running')");
        page.keyboard().type("3");
        assertThat(page.inputValue("#scale-to")).isEqualTo("123");
    }

    @Test
    void aSelectedRowStaysSelectedAndFocusedWhenItMovesToAnotherGroup() {
        open("/workloads");
        Locator box = page.getByLabel("Select hello");
        box.check();
        box.focus();
        scale(900);
        page.waitForSelector("#group-not-as-desired tr:has-text('hello')");
        assertThat(focused()).isEqualTo("Select hello");
        assertThat(box.isChecked()).isTrue();
        assertThat(page.textContent("#selection")).isEqualTo("1 selected");
        scale(1);
        page.waitForSelector("#group-as-desired tr:has-text('hello')");
        assertThat(focused()).isEqualTo("Select hello");
        assertThat(box.isChecked()).isTrue();
    }

    @Test
    void whatWasOpenedStaysOpen() {
        page.locator("summary:has-text('As a table')").click();
        button(page, "More for hello").click();
        scale(2);
        page.waitForSelector("#head:has-text('2 of 2 running')");
        assertThat(page.locator("#more a").first().isVisible()).isTrue();
        press("Escape");
        page.waitForSelector("#more", hidden());
        assertThat(focused()).isEqualTo("More for hello");
        assertThat(page.locator("details[open] summary:has-text('As a table')").count())
                .isEqualTo(1);
    }

    @Test
    void aQuestionStaysInFrontWithItsButtonFocused() {
        open("/workloads/" + workload + "?confirm=delete");
        page.locator("#typed").click();
        page.keyboard().type("hel");
        scale(2);
        page.waitForSelector("#head:has-text('2 of 2 running')");
        page.keyboard().type("l");
        assertThat(page.inputValue("#typed")).isEqualTo("hell");
        assertThat(button(page, "Delete hello").isDisabled()).isTrue();
        press("Escape");
        page.waitForSelector("#confirm", hidden());
    }

    /** The page as it is when its stream is open. */
    private static void open(String path) {
        page.navigate(flotilla.url() + path);
    }

    private static void press(String key) {
        page.keyboard().press(key);
    }

    private static void scale(int replicas) {
        api.post("/api/v1/workloads/" + workload + "/scale", Map.of("replicas", replicas))
                .expect(200);
    }

    /** How the element that the keyboard is in is called. */
    private static String focused() {
        return (String) page.evaluate("""
            () => {
              const { activeElement: at } = document
              return at.ariaLabel ?? at.labels?.[0]?.innerText.trim() ?? at.innerText.trim()
            }""");
    }

    private static Page.WaitForSelectorOptions hidden() {
        return new Page.WaitForSelectorOptions().setState(WaitForSelectorState.HIDDEN);
    }
}
