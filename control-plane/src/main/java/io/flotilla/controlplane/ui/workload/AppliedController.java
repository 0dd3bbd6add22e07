package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.alloc.Allocations;
import io.flotilla.controlplane.dispatch.AppliedStates;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.protocol.AppliedState;
import java.util.UUID;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** What confines one replica, read from its node when the page is asked for. */
@Controller
class AppliedController {

    private final Allocations allocations;
    private final AppliedStates states;

    AppliedController(Allocations allocations, AppliedStates states) {
        this.allocations = allocations;
        this.states = states;
    }

    @GetMapping("/allocations/{id}/applied")
    Page applied(Actor actor, @PathVariable UUID id) {
        AllocationView allocation = allocations.get(actor, id);
        return Page.of("applied").with("applied", page(allocation));
    }

    private AppliedPage page(AllocationView allocation) {
        try {
            AppliedState state = states.of(allocation);
            return AppliedPage.of(allocation, state, null);
        } catch (ProblemException e) {
            return AppliedPage.of(allocation, null, e.detail());
        }
    }
}
