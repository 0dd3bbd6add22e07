package io.flotilla.e2e;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** The system's Chromium, driven without a screen; remembers everything that a page complained about. */
final class Browser implements AutoCloseable {

    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");
    private static final String AXE = axe();

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;
    private final List<String> complaints = new ArrayList<>();

    Browser() {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(FLAGS)
                        .setTimeout(120_000));
    }

    /** A person of their own, with cookies of their own. */
    BrowserContext person() {
        return person(new NewContextOptions());
    }

    /** The same, but no script of a page ever runs. */
    BrowserContext personWithoutScripts() {
        return person(new NewContextOptions().setJavaScriptEnabled(false));
    }

    /** Makes the first account and stays on the fleet's page. */
    Page admin(Flotilla flotilla) {
        Page page = person().newPage();
        page.navigate(flotilla.setupUrl());
        page.fill("#username", "ops-1");
        page.fill("#password", "correct horse battery staple");
        button(page, "Make the account").click();
        page.waitForURL(flotilla.url() + "/");
        return page;
    }

    private BrowserContext person(NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(60_000);
        context.onPage(this::listen);
        return context;
    }

    private void listen(Page page) {
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") && !expected(message.text())) {
                complaints.add(page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> complaints.add(page.url() + ": " + error));
    }

    /**
     * A refused form or page is an answer with an error status, which the console mentions by itself. Chromium breaks its
     * connections off whenever an interface of the host comes or goes, as they do when containers start.
     */
    private static boolean expected(String text) {
        return text.startsWith("Failed to load resource: the server responded with a status of 4")
                || text.equals("Failed to load resource: net::ERR_NETWORK_CHANGED");
    }

    /** Errors, exceptions and violations of the content security policy, of all pages so far. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    static Locator button(Page page, Pattern name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
    }

    static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    static Page look(Page page, ColorScheme scheme, int width) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE));
        page.setViewportSize(width, 900);
        return page;
    }

    /** What axe-core finds, one line each. Playwright's own world is not bound by the page's policy. */
    @SuppressWarnings("unchecked") // axe's answer is made into strings by the script
    static List<String> axe(Page page) {
        page.evaluate(AXE + ";0");
        return (List<String>) page.evaluate("""
            async () => (await axe.run(document, {resultTypes: ['violations']})).violations.flatMap(
              (rule) => rule.nodes.map((node) => rule.id + ' at ' + node.target.join(' ') + ': ' + node.failureSummary))""");
    }

    /** Whether the page has to be scrolled sideways. */
    static boolean scrollsSideways(Page page) {
        return (Boolean) page.evaluate("() => document.documentElement.scrollWidth > innerWidth");
    }

    private static String axe() {
        try (InputStream script = Objects.requireNonNull(Browser.class.getResourceAsStream("/axe/axe.min.js"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
