package io.flotilla.controlplane.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.FleetPage.Attention;
import io.flotilla.controlplane.ui.FleetPage.NodeLine;
import io.flotilla.controlplane.ui.FleetPage.Step;
import io.flotilla.controlplane.ui.FleetPage.Tally;
import io.flotilla.controlplane.ui.Gauge.Block;
import io.flotilla.controlplane.ui.Gauge.Unit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every template renders with every part it can show; what they do in a browser is tested end to end. */
class PagesRenderTest {

    private static final long GIB = 1L << 30;

    private final Gallery gallery = new Gallery();

    @Test
    void loginKeepsTheNameAndSaysWhatWasWrong() {
        String html = gallery.show(
                "login",
                Page.of("login")
                        .with("frame", Gallery.frame(null))
                        .with("username", "ops-1")
                        .with("refused", "Name or password is wrong."));
        assertThat(html)
                .contains("value=\"ops-1\"", "Name or password is wrong.", "name=\"_csrf\" value=\"csrf-token\"");
    }

    @Test
    void setupAsksForTheToken() {
        assertThat(gallery.show("setup", Page.of("setup").with("frame", Gallery.frame(null))))
                .contains("id=\"token\"", "At least 8 characters");
    }

    @Test
    void fleetShowsEveryNodeTwice() {
        String html = gallery.show(
                "fleet",
                Page.of("fleet")
                        .with("frame", Gallery.frame("ops-1"))
                        .with("live", true)
                        .with("fleet", fleet()));
        assertThat(html).contains("id=\"tile-n1\"", "id=\"row-n1\"", "Last heard 14 s ago.", "29.8", "of 31.0 GiB");
        assertThat(LiveRegions.of(html).text()).hasSizeGreaterThan(6);
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
