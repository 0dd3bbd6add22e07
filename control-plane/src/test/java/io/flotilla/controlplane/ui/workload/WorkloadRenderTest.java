package io.flotilla.controlplane.ui.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.part.Chart;
import io.flotilla.controlplane.ui.part.Confirmation;
import io.flotilla.controlplane.ui.part.Diff;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Pull;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The list of workloads, and the page of one. */
class WorkloadRenderTest {

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
                Gallery.page("workloads")
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
                List.of(new Pull(
                        "ams-04",
                        "Replica 3 pulls on ams-04: layer 2 of 2",
                        "30 of 60 MB",
                        List.of(
                                new Pull.Layer("pass", "3fd5a3f9c1b2", 10, 10, "there already"),
                                new Pull.Layer("working", "5ad0c4418f7e", 20, 50, "20 of 50 MB")))),
                List.of(chart, new Chart("CPU", "cores", NOW.minusSeconds(300), NOW, Duration.ofSeconds(15))),
                List.of(
                        EventLine.of(NOW.minusSeconds(9), "pulling", "Replica 3 pulls on ams-04", null),
                        new EventLine(NOW.minusSeconds(600), "info", "Revision 42, by dev-3", null, null, true)),
                List.of(new WorkloadPage.Fact("image", "payments/checkout-api:4.18.2")),
                List.of(
                        new WorkloadPage.RevisionLine(42, NOW, "dev-3", "checkout-api:4.18.2", true),
                        new WorkloadPage.RevisionLine(41, NOW.minusSeconds(90_000), "dev-3", "x:1", false)),
                new Diff(41, 42, List.of(new Diff.Row("replicas", "3", "4"))));
        String html = gallery.show(
                "workload",
                Gallery.page("workload")
                        .with("tab", "overview")
                        .with("live", true)
                        .with("workload", view));
        assertThat(html)
                .contains("no node has 2 GiB of memory free", "1.2 GiB free, 2 GiB asked for", "127.0.0.1:18081")
                .contains("no data", "replica 4 exited 137");
        assertThat(gallery.show(
                        "workload-revisions",
                        Gallery.page("workload").with("tab", "revisions").with("workload", view)))
                .contains("Roll back to 41", "Revision 41 to 42");
        assertThat(gallery.show(
                        "workload-spec",
                        Gallery.page("workload").with("tab", "spec").with("workload", view)))
                .contains("payments/checkout-api:4.18.2");
    }

    private static WorkloadsPage.Row row(String id, String name, String status, @Nullable String why) {
        return new WorkloadsPage.Row(
                id,
                name,
                status,
                status,
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
