package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationEvent;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.dispatch.AppliedStates;
import io.flotilla.controlplane.report.Metrics;
import io.flotilla.protocol.AppliedState;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Allocations: what runs where, and what was reported of it. */
@RestController
class AllocationsApi {

    private static final int EVENTS = 500;
    private static final Duration LONGEST = Duration.ofHours(6);

    private final Allocations allocations;
    private final Metrics metrics;
    private final AppliedStates applied;
    private final Clock clock;

    AllocationsApi(Allocations allocations, Metrics metrics, AppliedStates applied, Clock clock) {
        this.allocations = allocations;
        this.metrics = metrics;
        this.applied = applied;
        this.clock = clock;
    }

    @GetMapping("/api/v1/allocations")
    Items<AllocationBody> list(
            Actor actor,
            @RequestParam(required = false) @Nullable UUID workload,
            @RequestParam(required = false) @Nullable UUID node,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(required = false) @Nullable Integer limit) {
        int most = Pages.limit(limit);
        List<AllocationView> found = allocations.list(actor, workload, node, after, most + 1);
        return Pages.of(found, most, AllocationView::id, AllocationBody::of);
    }

    @GetMapping("/api/v1/allocations/{id}")
    AllocationBody get(Actor actor, @PathVariable UUID id) {
        return AllocationBody.of(allocations.get(actor, id));
    }

    @GetMapping("/api/v1/allocations/{id}/events")
    Items<AllocationEvent> events(Actor actor, @PathVariable UUID id) {
        return Items.whole(allocations.events(allocations.get(actor, id).id(), EVENTS));
    }

    /** What is in force for a running container, read from its node's kernel now, beside what was asked. */
    @GetMapping("/api/v1/allocations/{id}/applied")
    AppliedState applied(Actor actor, @PathVariable UUID id) {
        return applied.of(allocations.get(actor, id));
    }

    /** One reading in fifteen seconds, at most six hours. */
    @GetMapping("/api/v1/allocations/{id}/samples")
    Items<Metrics.Reading> samples(Actor actor, @PathVariable UUID id) {
        UUID node = allocations.get(actor, id).nodeId();
        return Items.whole(
                node == null
                        ? List.of()
                        : metrics.history(node, id, clock.instant().minus(LONGEST)));
    }
}
