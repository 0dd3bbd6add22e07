package io.flotilla.controlplane.ui.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.fleet.FleetPage.Attention;
import io.flotilla.controlplane.ui.fleet.FleetPage.NodeLine;
import io.flotilla.controlplane.ui.fleet.FleetPage.Step;
import io.flotilla.controlplane.ui.fleet.FleetPage.Tally;
import io.flotilla.controlplane.ui.page.Gallery;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.Gauge.Block;
import io.flotilla.controlplane.ui.part.Gauge.Unit;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The pages about nodes. */
class FleetRenderTest {

    private static final long GIB = 1L << 30;
    private static final Instant NOW = Gallery.NOW;

    private final Gallery gallery = new Gallery();

    @Test
    void fleetShowsEveryNodeTwice() {
        String html = gallery.show(
                "fleet",
                Page.of("fleet")
                        .with("frame", Gallery.frame("ops-1"))
                        .with("live", true)
                        .with("fleet", fleet()));
        assertThat(html).contains("id=\"tile-n1\"", "id=\"row-n1\"", "Last heard 14 s ago.", "29.8", "of 31.0 GiB");
        assertThat(html.split(" data-live", -1)).hasSizeGreaterThan(7);
    }

    @Test
    void nodeShowsTheCommandThatMendsAFailedCheck() {
        Gauge memory = new Gauge(
                "Memory",
                Unit.BYTES,
                31L << 30,
                20L << 30,
                14L << 30,
                List.of(new Gauge.Block("cart 1", 20L << 30, 1L << 30)));
        var view = new NodePage(
                "n1",
                "ams-03",
                "online",
                "Online",
                NOW.minusMillis(200),
                List.of("zone=b"),
                "8 CPU, 32 GiB. Runs 1 container.",
                new NodePage.Why("warn", "The clock is 4.2 s behind", "Times of events from this node are off."),
                List.of(
                        new NodePage.Check("pass", "kernel", "6.12.57, every feature is there", null),
                        new NodePage.Check("warn", "clock", "4.2 s behind", "sudo timedatectl set-ntp true")),
                List.of(new NodePage.Row(
                        "a1",
                        "w1",
                        "cart",
                        1,
                        "running",
                        "Running",
                        "payments",
                        3,
                        "1 GiB",
                        "0.1",
                        NOW.minusSeconds(60))),
                List.of(),
                memory,
                Gauge.plain("CPU", Unit.MILLI_CPU, 7500, 4800, 2500L),
                List.of(),
                List.of(new NodePage.Fact("Kernel", "6.12.57", false)),
                List.of(EventLine.of(NOW.minusSeconds(5), "online", "Connected", "From 192.0.2.23.")),
                List.of(new NodePage.Action("drain", "drain", "Drain", false)));
        assertThat(gallery.show("node", Gallery.page("node").with("live", true).with("node", view)))
                .contains("sudo timedatectl set-ntp true", "/nodes/n1?confirm=drain", "cart 1: 1 GiB of 20 GiB");
    }

    @Test
    void theJoinLineIsShownOnceAndSaysSo() {
        var join = new JoinPage(
                "flotilla-agent join https://fleet.example.net --token flj_1 --fingerprint sha256:5f1c",
                "j1",
                NOW.plusSeconds(3600),
                List.of(
                        new JoinPage.Step("pass", "Token used", "By 203.0.113.24, once.", NOW, List.of()),
                        new JoinPage.Step(
                                "fail",
                                "Preflight",
                                "1 check fails.",
                                null,
                                List.of(new NodePage.Check("fail", "clock", "4.2 s behind", "timedatectl")))),
                "http://localhost:8080",
                null);
        assertThat(gallery.show("join", Gallery.page("join").with("live", true).with("join", join)))
                .contains("It is shown this once", "Token used", "timedatectl");
    }

    private static FleetPage fleet() {
        Gauge memory = new Gauge(
                "Memory",
                Unit.BYTES,
                31 * GIB,
                (long) (29.8 * GIB),
                (long) (21.8 * GIB),
                List.of(
                        new Block("checkout-api 1", 2 * GIB, GIB + GIB / 5),
                        new Block("payments-db 1", 12 * GIB, 11 * GIB),
                        new Block("cart 1", 4 * GIB, null),
                        new Block("search-api 1", 11 * GIB + GIB / 2, 8 * GIB)));
        Gauge cpu = new Gauge(
                "CPU",
                Unit.MILLI_CPU,
                7500,
                6800,
                2900L,
                List.of(new Block("checkout-api 1", 4000, 2000L), new Block("cart 1", 2800, 2700L)));
        List<NodeLine> nodes = List.of(
                node("n1", "ams-01", "online", "Online", 400, memory, cpu, null),
                node("n2", "ams-02", "warn", "1 warning", 700, memory, cpu, "disk"),
                node("n3", "fra-02", "stale", "Stale", 14_000, memory, cpu, "heard 14 s ago"));
        return new FleetPage(
                nodes,
                new Tally(3, List.of(new Tally.Part("online", "2 online"), new Tally.Part("stale", "1 stale"))),
                new Tally(24, List.of(new Tally.Part("running", "21 as desired"), new Tally.Part("degraded", "3 not"))),
                new Tally(46, List.of(new Tally.Part("running", "43 running"))),
                Gauge.plain("Memory", Unit.BYTES, 93 * GIB, 66 * GIB, 40 * GIB),
                Gauge.plain("CPU", Unit.MILLI_CPU, 22_500, 20_400, 8700L),
                List.of(
                        new Attention(
                                "failing",
                                "image-resizer",
                                "/workloads/w1",
                                "Replica 3 ran out of memory 4 times in 10 min.",
                                Gallery.NOW.minusSeconds(120)),
                        new Attention(
                                "stale",
                                "fra-02",
                                "/nodes/n3",
                                "Last heard 14 s ago. Its 4 containers are left alone.",
                                Gallery.NOW.minusSeconds(14))),
                List.of(
                        EventLine.of(Gallery.NOW.minusSeconds(9), "pulling", "checkout-api 5 pulls on ams-04", null),
                        EventLine.of(Gallery.NOW.minusSeconds(99), "failed", "image-resizer 3 exited 137", null)),
                List.of(
                        new Step(true, false, "Control plane started", null, "This host is the first node, online."),
                        new Step(
                                false,
                                true,
                                "Run a container",
                                "/launch",
                                "A sample image is bundled; no registry is needed."),
                        new Step(false, false, "Add a node", "/join", null),
                        new Step(false, false, "Invite a team", "/teams", null)));
    }

    private static NodeLine node(
            String id,
            String name,
            String status,
            String state,
            long age,
            Gauge memory,
            Gauge cpu,
            @Nullable String note) {
        return new NodeLine(
                id,
                name,
                status,
                state,
                Gallery.NOW.minusMillis(age),
                memory,
                cpu,
                "58%",
                10,
                List.of("zone=a", "disk=ssd"),
                "6.12.57",
                "0.1.0",
                note);
    }
}
