package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.ui.part.Chart;
import io.flotilla.controlplane.ui.part.Diff;
import io.flotilla.controlplane.ui.part.EventLine;
import io.flotilla.controlplane.ui.part.Pull;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page of one workload shows. */
public record WorkloadPage(
        String id,
        String name,
        String team,
        String kind,
        String image,
        String digest,
        int revision,
        String status,
        String word,
        List<String> replicas,
        String replicaLabel,
        String sum,
        int desired,
        boolean stopped,
        boolean mayChange,
        boolean mayOperate,
        @Nullable Why why,
        List<Replica> rows,
        List<Pull> pulls,
        List<Chart> charts,
        List<EventLine> timeline,
        List<Fact> spec,
        List<RevisionLine> revisions,
        @Nullable Diff diff) {

    /** Why it is not as desired, in one sentence, with the evidence by node. */
    public record Why(
            String status,
            String title,
            @Nullable String text,
            List<NodeReason> nodes,
            @Nullable Fix fix) {}

    /** What one node says to it. */
    public record NodeReason(String node, String reason) {}

    /** The nearest thing that would mend it. */
    public record Fix(String href, String word) {}

    /**
     * One allocation.
     *
     * @param number which replica it is, from 1
     * @param note a second line, such as the reason or the ports
     * @param links addresses of published TCP ports
     */
    public record Replica(
            String id,
            int number,
            String status,
            String word,
            @Nullable String node,
            @Nullable String nodeName,
            @Nullable String note,
            int revision,
            int attempt,
            @Nullable String exit,
            @Nullable String memory,
            @Nullable String cpu,
            @Nullable Instant since,
            List<Link> links,
            boolean ended,
            boolean shell) {}

    /** A published port. */
    public record Link(String href, String text) {}

    /** A name and a value of the spec. */
    public record Fact(String name, String value) {}

    /** One revision in the list. */
    public record RevisionLine(int number, Instant time, String by, String image, boolean present) {}
}
