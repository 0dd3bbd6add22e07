package io.flotilla.controlplane.ui.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.protocol.LogRecord;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Logs page. */
class LogsRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void logsAreTextInChunksWithEverythingDangerousMadeVisible() {
        LogText text = new LogText("gateway", false, "1.0.200");
        text.add(record("POST /v2/checkout 201 <script>alert(1)</script>", 0));
        text.add(record("WARN gateway attempt \u001b[31m1\u001b[0m failed", 100));
        text.add(record("ERROR gateway gave up & left", 200));
        text.add(new LogRecord(NOW, LogRecord.Stream.GAP, false, "", "1.0.300", "1,204 lines are gone: disk full."));
        text.add(record("after the gap", 400));
        var chunks = text.chunks();
        var view = new LogsPage(
                "w1",
                "checkout-api",
                "payments",
                List.of(new LogsPage.Choice("a1", "1 on ams-01")),
                "a1",
                new LogsPage.Filter("gateway", "", 500, "", "", false, false, true),
                chunks,
                text.lines(),
                text.hits(),
                "1.0.500",
                true,
                null,
                "/allocations/a1/logs/download");
        assertThat(gallery.show("logs", Gallery.page("logs").with("logs", view)))
                .contains("&lt;script&gt;", "<mark>gateway</mark>", "ESC[31m", "id=\"linked\"", "1,204 lines are gone")
                .contains("2 hits", "data-cursors=\"1.0.0 1.0.100 1.0.200\"")
                .doesNotContain("<script>alert");
    }

    private static LogRecord record(String text, int offset) {
        return new LogRecord(
                NOW.plusMillis(offset),
                offset == 100 ? LogRecord.Stream.STDERR : LogRecord.Stream.STDOUT,
                false,
                text,
                "1.0." + offset,
                null);
    }
}
