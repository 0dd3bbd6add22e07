package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.part.Gauge;
import io.flotilla.controlplane.ui.part.QuotaLine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Launch page shows: the form as it was filled in, and the plan for it. */
public record LaunchPage(
        LaunchForm form,
        List<String> teams,
        List<String> images,
        ImageNote image,
        Plan plan,
        @Nullable String of) {

    /** What is known about the image that the form names. */
    public record ImageNote(String status, String text) {}

    /**
     * What would happen. Nothing has.
     *
     * @param command the launch by the command line; empty if there is none to show
     * @param call the launch by the API; empty if there is none to show
     */
    public record Plan(
            String status,
            String title,
            String text,
            List<Verdict> chosen,
            List<Verdict> others,
            String team,
            List<QuotaLine> quota,
            List<Fact> creates,
            String command,
            String call,
            String button) {}

    /**
     * Why a node takes part or does not.
     *
     * @param gets what it would get, as in "2 replicas"; null if nothing
     * @param memory the node's memory with what it would get as used-and-more; null if nothing
     */
    public record Verdict(
            String status,
            String node,
            @Nullable String gets,
            String why,
            @Nullable Gauge memory) {}

    /**
     * A pasted {@code docker run} line or Compose file.
     *
     * @param line as it was typed
     * @param left what was not carried over and why, one sentence each
     * @param services those of the Compose file; empty for a line
     * @param service the one that the form is filled from
     */
    public record Pasted(String line, List<String> left, List<String> services, String service) {}

    /** A name and a value. */
    public record Fact(String name, String value) {}
}
