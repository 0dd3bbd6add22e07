package io.flotilla.controlplane.ui.fleet;

import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Gauge;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Fleet page shows. */
public record FleetPage(
        List<NodeLine> nodes,
        Tally nodeTally,
        Tally workloadTally,
        Tally containerTally,
        Gauge memory,
        Gauge cpu,
        List<Attention> attention,
        List<EventLine> events,
        @Nullable List<Step> checklist) {

    /**
     * One node, as a tile and as a row.
     *
     * @param status of the mark; {@code warn} where a preflight row warns
     * @param state the status in words
     * @param heard when it last spoke; null if never
     * @param disk how full its disk is, as a percentage in words; null if not reported
     */
    public record NodeLine(
            String id,
            String name,
            String status,
            String state,
            @Nullable Instant heard,
            Gauge memory,
            Gauge cpu,
            @Nullable String disk,
            int containers,
            List<String> labels,
            @Nullable String kernel,
            @Nullable String agent,
            @Nullable String note) {}

    /** A number and what it consists of. */
    public record Tally(int all, List<Part> parts) {

        /** So many of one status, in words. */
        public record Part(String status, String text) {}
    }

    /** Something that is not as desired, with the page that explains it. */
    public record Attention(
            String status,
            String name,
            String href,
            String why,
            @Nullable Instant since) {}

    /** One line of the checklist of the first day; it ticks itself. */
    public record Step(
            boolean done,
            boolean next,
            String title,
            @Nullable String href,
            @Nullable String why) {

        public String status() {
            return done ? "pass" : next ? "working" : "waiting";
        }
    }
}
