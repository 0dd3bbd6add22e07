package io.flotilla.controlplane.ui.workload;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Workloads page shows. */
public record WorkloadsPage(
        Filter filter,
        List<Chip> chips,
        List<Group> groups,
        int shown,
        int all,
        int containers,
        @Nullable Result result) {

    /** What the address asks for; empty strings ask for everything. */
    public record Filter(String q, String team, String kind, String status) {

        public boolean any() {
            return !(q + team + kind + status).isEmpty();
        }
    }

    /** A status to filter by, with how many have it. */
    public record Chip(String status, String word, int count, String href, boolean current) {}

    /** Rows that stand together: those not as desired come first. */
    public record Group(String id, String title, List<Row> rows) {}

    /**
     * One workload.
     *
     * @param replicas the statuses of its allocations, at most twelve
     * @param sum as in "5 of 6"
     * @param why one sentence if it is not as desired
     */
    public record Row(
            String id,
            String name,
            String status,
            String word,
            List<String> replicas,
            String replicaLabel,
            String sum,
            String kind,
            String team,
            String image,
            int revision,
            String cpu,
            String memory,
            String where,
            @Nullable String why,
            boolean mayChange) {}

    /** What a bulk action did, one line for each workload. */
    public record Result(String title, List<Line> lines) {

        /** One workload's outcome. */
        public record Line(String status, String text) {}
    }
}
