package io.flotilla.e2e;

import static io.flotilla.e2e.Browser.button;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An archive as {@code docker save} writes it, uploaded on the Images page over a line that is slow, or breaks. */
class ImageUploadTest {

    private static final String UNDER_WAY = "#import-form progress:not([hidden])";
    private static final String OUTCOME = "#import-form [data-outcome]";

    private static Images images;
    private static Path archive;
    private static Flotilla flotilla;
    private static Browser browser;
    private static Page page;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/chromium")), "needs Chromium in /usr/bin/chromium");
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: containers need it");
        images = Images.open();
        archive = images.busybox("localhost/busybox:test");
        flotilla = Flotilla.up();
        browser = new Browser();
        page = browser.admin(flotilla);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (flotilla != null) {
            flotilla.close();
        }
        if (images != null) {
            images.close();
        }
    }

    @Test
    void showsHowMuchIsSentAndThenTheImage() throws IOException {
        slowDown();
        upload("flotilla/busybox:1");
        page.waitForSelector(UNDER_WAY);
        page.waitForSelector(OUTCOME + ":has-text('% sent')");
        page.waitForFunction(
                "() => { const { value } = document.querySelector('progress'); return value > 0 && value < 1 }");
        page.waitForSelector("#images-panel:has-text('flotilla/busybox:1')");
        assertThat(page.locator(UNDER_WAY).count()).isZero();
        assertThat(flotilla.admin().items("/api/v1/images"))
                .extracting(image -> image.path("name").asString())
                .contains("flotilla/busybox:1");
    }

    @Test
    void aConnectionThatBreaksLeavesNoProgressBehind() {
        String upload = "**/api/v1/images?*";
        page.route(upload, route -> route.abort("connectionreset"));
        upload("flotilla/busybox:2");
        page.waitForSelector(OUTCOME + ":has-text('The connection was lost')");
        assertThat(page.locator(UNDER_WAY).count()).isZero();
        assertThat(flotilla.admin().items("/api/v1/images"))
                .extracting(image -> image.path("name").asString())
                .doesNotContain("flotilla/busybox:2");
        page.unroute(upload);
        button(page, "Import").click();
        page.waitForSelector("#images-panel:has-text('flotilla/busybox:2')");
    }

    private static void upload(String name) {
        page.navigate(flotilla.url() + "/images");
        page.setInputFiles("#archive", archive);
        page.fill("#name", name);
        button(page, "Import").click();
    }

    /** The archive takes four seconds, so that there is something to see. */
    private static void slowDown() throws IOException {
        JsonObject line = new JsonObject();
        line.addProperty("offline", false);
        line.addProperty("latency", 0);
        line.addProperty("downloadThroughput", -1);
        line.addProperty("uploadThroughput", Files.size(archive) / 4);
        CDPSession network = page.context().newCDPSession(page);
        network.send("Network.enable");
        network.send("Network.emulateNetworkConditions", line);
    }
}
