package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.ui.part.Chart;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Gauge;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page of one node shows. */
public record NodePage(
        String id,
        String name,
        String status,
        String word,
        @Nullable Instant heard,
        List<String> labels,
        String lede,
        @Nullable Why why,
        List<Check> checks,
        List<Row> rows,
        List<Row> quarantined,
        Gauge memory,
        Gauge cpu,
        List<Chart> charts,
        List<Fact> facts,
        List<EventLine> events,
        List<Action> actions) {

    /** Why it is not healthy, and what that means. */
    public record Why(String status, String title, String text) {}

    /** One preflight row. */
    public record Check(
            String status,
            String name,
            String detail,
            @Nullable String remedy) {}

    /** One allocation on the node. */
    public record Row(
            String id,
            String workload,
            String name,
            int number,
            String status,
            String word,
            String team,
            int revision,
            @Nullable String memory,
            @Nullable String cpu,
            @Nullable Instant since) {}

    /** A name and a value. */
    public record Fact(String name, String value, boolean mono) {}

    /** Something an operator can do with the node; {@code confirm} names the question asked first. */
    public record Action(String confirm, String icon, String word, boolean danger) {}
}
