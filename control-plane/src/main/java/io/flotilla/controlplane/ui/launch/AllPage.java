package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.part.QuotaLine;
import java.util.List;

/**
 * The services of a Compose file, to be launched in one change.
 *
 * @param file as it was pasted
 * @param aside services that are left out, since they belong to a profile
 * @param left what of the file itself is not carried over, one sentence each
 */
public record AllPage(
        String file,
        String team,
        List<String> teams,
        List<Service> services,
        List<String> aside,
        List<String> left,
        Plan plan) {

    /**
     * What would become of one service.
     *
     * @param name in the file
     * @param workload the name of the workload that it becomes
     * @param gets as in "2 replicas"
     * @param where which nodes, or why none
     * @param wrong what has to be changed first, each with its field
     * @param left what is not carried over, one sentence each
     */
    public record Service(
            String status,
            String name,
            String workload,
            String image,
            String gets,
            String where,
            List<LaunchPage.Fact> wrong,
            List<String> left) {}

    /** What would happen. Nothing has. */
    public record Plan(
            String status,
            String title,
            String text,
            List<QuotaLine> quota,
            List<LaunchPage.Fact> creates,
            String call,
            String button) {}
}
