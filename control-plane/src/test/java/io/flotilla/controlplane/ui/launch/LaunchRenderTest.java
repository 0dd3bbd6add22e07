package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.Gauge.Unit;
import io.flotilla.controlplane.ui.part.QuotaLine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The Launch page. */
class LaunchRenderTest {

    private final Gallery gallery = new Gallery();

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
                "curl -X POST",
                "Launch 3 replicas");
        String html = gallery.show(
                "launch",
                Gallery.page("launch")
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
                .contains("value=\"flotilla/sample:latest\"", "Launch 3 replicas", "curl -X POST");
    }

    @Test
    void allServicesOfAFileStandWithWhatIsWrongAndWhatIsLeftOut() {
        var plan = new AllPage.Plan(
                "fail",
                "1 field needs a change.",
                "Nothing would be launched as it stands.",
                List.of(new QuotaLine("Replicas", Unit.PIECES, 18, 3, 20L)),
                List.of(new LaunchPage.Fact("Workloads", "web, db of default")),
                "curl -X POST",
                "Launch 2 workloads");
        String html = gallery.show(
                "launch-all",
                Gallery.page("launch-all")
                        .with(
                                "all",
                                new AllPage(
                                        "services:\n  web: {image: nginx}\n  db: {image: postgres}\n",
                                        "default",
                                        List.of("default", "payments"),
                                        List.of(
                                                new AllPage.Service(
                                                        "pass",
                                                        "web",
                                                        "web",
                                                        "nginx",
                                                        "2 replicas",
                                                        "1 on ams-02, 1 on ams-04.",
                                                        List.of(),
                                                        List.of("restart: none is given.")),
                                                new AllPage.Service(
                                                        "fail",
                                                        "db",
                                                        "db",
                                                        "postgres",
                                                        "1 replica",
                                                        "On ams-02.",
                                                        List.of(new LaunchPage.Fact(
                                                                "mem_limit", "\"64 parrots\" is not a size.")),
                                                        List.of())),
                                        List.of("debug"),
                                        List.of("networks of the file is not supported."),
                                        plan)));
        assertThat(html)
                .contains("Launch 2 workloads", "1 on ams-02, 1 on ams-04.", "mem_limit", "64 parrots")
                .contains("restart: none is given.", "networks of the file is not supported.", "1 over")
                .contains("Only debug, in the form");
    }
}
