package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.ui.page.Form;
import io.flotilla.controlplane.ui.part.QuotaLine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Teams page shows: one row for each team, and the form of one of them. */
public record TeamsPage(List<Row> rows, @Nullable Form form, List<String> users, boolean mayChange) {

    /** One team with what its workloads reserve of its quota. */
    public record Row(String id, String name, List<QuotaLine> quota, List<String> members) {}

    /** The form of a team; an empty id makes a new one. Empty quotas mean no limit. */
    public record Form(
            String id, String name, String cpu, String memory, String replicas, String ports, List<Member> members) {}

    /** One member of a team. */
    public record Member(String id, String name) {}
}
