package io.flotilla.controlplane.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.Gauge.Unit;
import io.flotilla.protocol.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The pages about workloads and their containers. */
class WorkPagesRenderTest {

    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void workloadsPutWhatIsNotAsDesiredFirstAndAskBeforeTheyStop() {
        var degraded = row("w1", "checkout-api", "degraded", "Replica 6: no node has 2 GiB free with disk=ssd");
        var running = row("w2", "cart", "running", null);
        var view = new WorkloadsPage(
                new WorkloadsPage.Filter("", "", "", ""),
                List.of(
                        new WorkloadsPage.Chip("", "All", 2, "/workloads", true),
                        new WorkloadsPage.Chip("degraded", "Degraded", 1, "/workloads?status=degraded", false)),
                List.of(
                        new WorkloadsPage.Group("not", "Not as desired", List.of(degraded)),
                        new WorkloadsPage.Group("as", "As desired", List.of(running))),
                2,
                2,
                7,
                new WorkloadsPage.Result(
                        "Restart 2 workloads",
                        List.of(
                                new WorkloadsPage.Result.Line("pass", "cart: restarting 3 containers"),
                                new WorkloadsPage.Result.Line("fail", "checkout-api: changed meanwhile"))));
        String html = gallery.show(
                "workloads",
                page("workloads")
                        .with("workloads", view)
                        .with(
                                "confirm",
                                new Confirmation(
                                        "Stop 2 workloads?",
                                        List.of(new Confirmation.Line("running", "2 stop: cart, checkout-api")),
                                        "Specs and revisions stay.",
                                        "/workloads/bulk",
                                        Map.of("w", List.of("w1", "w2"), "action", List.of("stop")),
                                        null,
                                        true,
                                        "Stop 7 containers",
                                        "/workloads")));
        assertThat(html)
                .containsSubsequence("Not as desired", "checkout-api", "As desired", "cart")
                .contains("Stop 7 containers", "value=\"w2\"", "changed meanwhile");
    }

    @Test
    void launchKeepsValuesAndPointsAtTheWrongField() {
        LaunchForm form = LaunchForm.blank("default");
        Gauge after = Gauge.plain("Memory", Unit.BYTES, 31L << 30, 22L << 30, 20L << 30);
        var plan = new LaunchPage.Plan(
                "pass",
                "3 replicas fit on 2 nodes.",
                "Nothing else moves or restarts.",
                List.of(new LaunchPage.Verdict("pass", "ams-04", "2 replicas", "Most free memory: 47.7 GiB.", after)),
                List.of(new LaunchPage.Verdict("waiting", "ams-02", null, "0.6 GiB of memory free, 1 GiB asked", null)),
                "default",
                List.of(
                        new QuotaLine("Memory", Unit.BYTES, 40L << 30, 3L << 30, 64L << 30),
                        new QuotaLine("CPU", Unit.MILLI_CPU, 13_000, 15_000, 24_000L),
                        new QuotaLine("Replicas", Unit.PIECES, 18, 3, null)),
                List.of(new LaunchPage.Fact("Workload", "hello, revision 1")),
                "./flotilla run --name hello flotilla/sample:latest",
                List.of("replicas"),
                "POST /api/v1/workloads",
                "Launch 3 replicas");
        String html = gallery.show(
                "launch",
                page("launch")
                        .with("errors", Map.of("name", "default has a workload of this name."))
                        .with(
                                "launch",
                                new LaunchPage(
                                        form,
                                        List.of("default", "payments"),
                                        List.of("flotilla/sample:latest"),
                                        new LaunchPage.ImageNote("pass", "Found, linux/amd64."),
                                        plan,
                                        null)));
        assertThat(html)
                .contains("One field needs a change.", "default has a workload of this name.", "4 over", "no limit")
                .contains("value=\"flotilla/sample:latest\"", "Launch 3 replicas", "no option for: replicas");
    }

    @Test
    void workloadSaysWhyItIsNotRunning() {
        Chart chart = new Chart("Memory", "GiB", NOW.minusSeconds(300), NOW, Duration.ofSeconds(15))
                .line(
                        IntStream.range(0, 60)
                                .filter(i -> i < 20 || i > 28)
                                .boxed()
                                .toList(),
                        i -> NOW.minusSeconds(300L - 5 * i),
                        i -> 4 + Math.sin(i / 5.0))
                .limit(6, "limits 6")
                .event(new Chart.Event(NOW.minusSeconds(100), "failed", "replica 4 exited 137"));
        var view = new WorkloadPage(
                "w1",
                "checkout-api",
                "payments",
                "Service",
                "payments/checkout-api:4.18.2",
                "sha256:8d1e40c7b9a2",
                42,
                "degraded",
                "Degraded",
                List.of("running", "running", "pulling", "pending"),
                "2 running, 1 pulling, 1 pending",
                "2 of 4",
                4,
                false,
                true,
                true,
                new WorkloadPage.Why(
                        "degraded",
                        "Replica 4 is not running: no node has 2 GiB of memory free and the label disk=ssd.",
                        "It is tried again as soon as a node changes.",
                        List.of(new WorkloadPage.NodeReason("ams-01", "1.2 GiB free, 2 GiB asked for")),
                        new WorkloadPage.Fix("/launch?of=w1", "Change what it asks for")),
                List.of(
                        new WorkloadPage.Replica(
                                "a1",
                                1,
                                "running",
                                "Running",
                                "n1",
                                "ams-01",
                                null,
                                42,
                                1,
                                null,
                                "1.2 of 2.0 GiB",
                                "0.4",
                                NOW.minusSeconds(600),
                                List.of(new WorkloadPage.Link("http://127.0.0.1:18081/", "127.0.0.1:18081")),
                                false,
                                true),
                        new WorkloadPage.Replica(
                                "a2",
                                2,
                                "backoff",
                                "Waiting to restart",
                                "n1",
                                "ams-01",
                                "Exited 1, next try in 4 s",
                                42,
                                3,
                                "1",
                                null,
                                null,
                                NOW.minusSeconds(6),
                                List.of(),
                                false,
                                false)),
                List.of(new WorkloadPage.Pull(
                        "ams-04",
                        "Replica 3 pulls on ams-04: layer 2 of 2",
                        "30 of 60 MB",
                        List.of(
                                new WorkloadPage.Layer("pass", "3fd5a3f9c1b2", 10, 10, "there already"),
                                new WorkloadPage.Layer("working", "5ad0c4418f7e", 20, 50, "20 of 50 MB")))),
                List.of(chart, new Chart("CPU", "cores", NOW.minusSeconds(300), NOW, Duration.ofSeconds(15))),
                List.of(
                        EventLine.of(NOW.minusSeconds(9), "pulling", "Replica 3 pulls on ams-04", null),
                        new EventLine(NOW.minusSeconds(600), "info", "Revision 42, by dev-3", null, null, true)),
                List.of(new WorkloadPage.Fact("image", "payments/checkout-api:4.18.2")),
                List.of(
                        new WorkloadPage.RevisionLine(42, NOW, "dev-3", "checkout-api:4.18.2", true),
                        new WorkloadPage.RevisionLine(41, NOW.minusSeconds(90_000), "dev-3", "x:1", false)),
                new WorkloadPage.Diff(41, 42, List.of(new WorkloadPage.Diff.Row("replicas", "3", "4"))));
        String html = gallery.show(
                "workload",
                page("workload").with("tab", "overview").with("live", true).with("workload", view));
        assertThat(html)
                .contains("no node has 2 GiB of memory free", "1.2 GiB free, 2 GiB asked for", "127.0.0.1:18081")
                .contains("no data", "replica 4 exited 137");
        assertThat(gallery.show(
                        "workload-revisions",
                        page("workload").with("tab", "revisions").with("workload", view)))
                .contains("Roll back to 41", "Revision 41 to 42");
        assertThat(gallery.show(
                        "workload-spec", page("workload").with("tab", "spec").with("workload", view)))
                .contains("payments/checkout-api:4.18.2");
    }

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
        assertThat(gallery.show("logs", page("logs").with("logs", view)))
                .contains("&lt;script&gt;", "<mark>gateway</mark>", "ESC[31m", "id=\"linked\"", "1,204 lines are gone")
                .contains("2 hits", "data-cursors=\"1.0.0 1.0.100 1.0.200\"")
                .doesNotContain("<script>alert");
    }

    @Test
    void terminalSaysWhereItIs() {
        var view =
                new TerminalPage("a1", "w1", "checkout-api", 4, "ams-04", "pending", "exec", "", "", true, "", false);
        assertThat(gallery.show(
                        "terminal", page("terminal").with("nonce", "abc").with("terminal", view)))
                .contains("data-socket=\"/allocations/a1/terminal/socket\"", "Its own process");
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

    private static Page page(String template) {
        return Page.of(template).with("frame", Gallery.frame("ops-1"));
    }

    private static WorkloadsPage.Row row(String id, String name, String status, @Nullable String why) {
        return new WorkloadsPage.Row(
                id,
                name,
                status,
                Dialect.word(status),
                List.of("running", "running", "pending"),
                "2 running, 1 pending",
                "2 of 3",
                "Service",
                "payments",
                "registry.example.net/payments/checkout-api:4.18.2",
                42,
                "2.76",
                "12 GiB",
                "ams-01, ams-02",
                why,
                true);
    }
}
