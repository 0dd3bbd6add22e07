package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Statuses;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Chip;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Filter;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Group;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Result;
import io.flotilla.controlplane.ui.workload.WorkloadsPage.Row;
import io.flotilla.controlplane.workload.Kind;
import io.flotilla.controlplane.workload.WorkloadService;
import io.flotilla.controlplane.workload.WorkloadView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriComponentsBuilder;

/** Reads what the Workloads page shows. Blocking. */
@Component
class WorkloadsBuilder {

    private static final Units UNITS = new Units();

    private final WorkloadService workloads;
    private final Allocations allocations;

    WorkloadsBuilder(WorkloadService workloads, Allocations allocations) {
        this.workloads = workloads;
        this.allocations = allocations;
    }

    WorkloadsPage build(Actor actor, Filter filter, @Nullable Result result) {
        List<WorkloadView> all = workloads.list(actor, null, null, Page.MOST);
        Map<UUID, List<AllocationView>> placed = byWorkload(actor);
        List<WorkloadView> matching = all.stream()
                .filter(workload -> matches(workload, filter, placed.getOrDefault(workload.id(), List.of())))
                .toList();
        List<WorkloadView> shown = matching.stream()
                .filter(workload ->
                        filter.status().isEmpty() || workload.status().word().equals(filter.status()))
                .toList();
        int containers = shown.stream().mapToInt(WorkloadView::running).sum();
        return new WorkloadsPage(
                filter,
                chips(matching, filter),
                groups(actor, shown, placed),
                shown.size(),
                all.size(),
                containers,
                result);
    }

    Map<UUID, List<AllocationView>> byWorkload(Actor actor) {
        return allocations.list(actor, null, null, null, 10 * Page.MOST).stream()
                .filter(allocation -> !allocation.ended())
                .collect(Collectors.groupingBy(AllocationView::workloadId));
    }

    private static boolean matches(WorkloadView workload, Filter filter, List<AllocationView> placed) {
        String q = filter.q().toLowerCase(Locale.ROOT);
        boolean named = q.isEmpty()
                || workload.name().contains(q)
                || workload.spec().image().familiar().contains(q)
                || placed.stream()
                        .anyMatch(allocation ->
                                allocation.node() != null && allocation.node().contains(q));
        return named
                && (filter.team().isEmpty() || workload.team().equals(filter.team()))
                && (filter.kind().isEmpty() || workload.kind().word().equals(filter.kind()));
    }

    private static List<Chip> chips(List<WorkloadView> matching, Filter filter) {
        Map<WorkloadView.Status, Integer> counts = new LinkedHashMap<>();
        for (WorkloadView.Status status : WorkloadView.Status.values()) {
            int count = (int) matching.stream()
                    .filter(workload -> workload.status() == status)
                    .count();
            if (count > 0) {
                counts.put(status, count);
            }
        }
        List<Chip> chips = new ArrayList<>();
        chips.add(new Chip(
                "", "All", matching.size(), href(filter, ""), filter.status().isEmpty()));
        counts.forEach((status, count) -> {
            Statuses.Shown shown = Statuses.of(status);
            boolean current = status.word().equals(filter.status());
            chips.add(new Chip(shown.mark(), shown.word(), count, href(filter, status.word()), current));
        });
        return chips;
    }

    /** The address of the list under this filter and status. */
    static String href(Filter filter, String status) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath("/workloads");
        Map.of("q", filter.q(), "team", filter.team(), "kind", filter.kind(), "status", status)
                .forEach((name, value) -> {
                    if (!value.isEmpty()) {
                        address.queryParam(name, value);
                    }
                });
        return address.encode().toUriString();
    }

    private static List<Group> groups(Actor actor, List<WorkloadView> shown, Map<UUID, List<AllocationView>> placed) {
        Map<String, List<Row>> rows = new LinkedHashMap<>();
        rows.put("Not as desired", new ArrayList<>());
        rows.put("As desired", new ArrayList<>());
        rows.put("At rest", new ArrayList<>());
        for (WorkloadView workload : shown) {
            Objects.requireNonNull(rows.get(group(workload.status())))
                    .add(row(actor, workload, placed.getOrDefault(workload.id(), List.of())));
        }
        List<Group> groups = new ArrayList<>();
        rows.forEach((title, list) -> {
            if (!list.isEmpty()) {
                groups.add(new Group(title.toLowerCase(Locale.ROOT).replace(' ', '-'), title, list));
            }
        });
        return groups;
    }

    private static String group(WorkloadView.Status status) {
        return switch (status) {
            case RUNNING -> "As desired";
            case STOPPED, COMPLETED -> "At rest";
            case DEGRADED, STARTING, FAILING, PENDING, FAILED, STOPPING, DELETING -> "Not as desired";
        };
    }

    private static Row row(Actor actor, WorkloadView workload, List<AllocationView> placed) {
        Statuses.Shown shown = Statuses.of(workload.status());
        String where = placed.stream()
                .map(AllocationView::node)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        var resources = workload.spec().resources();
        return new Row(
                workload.id().toString(),
                workload.name(),
                shown.mark(),
                shown.word(),
                Statuses.marks(placed),
                Statuses.label(placed),
                workload.running() + " of " + workload.replicas(),
                workload.kind() == Kind.SERVICE ? "Service" : "Job",
                workload.team(),
                workload.spec().image().familiar(),
                workload.revision(),
                UNITS.cores(resources.cpuMillis() * workload.replicas()),
                UNITS.memory(resources.memoryBytes() * workload.replicas()),
                where.isEmpty() ? "none" : where,
                workload.reason() == null ? null : Sentences.of(workload.reason()),
                actor.mayChange(workload.teamId()));
    }
}
