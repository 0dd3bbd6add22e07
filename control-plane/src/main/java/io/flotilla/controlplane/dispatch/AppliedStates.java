package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.ControlMessage.Target;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** What is in force for containers, as their nodes read it now. Nothing of it is kept: only the kernel knows it. */
@Service
public class AppliedStates {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Questions questions;

    AppliedStates(Questions questions) {
        this.questions = questions;
    }

    /** @throws ProblemException that says why, if the allocation does not run or its node is away */
    public AppliedState of(AllocationView allocation) {
        UUID node = allocation.nodeId();
        if (node == null) {
            throw ProblemException.conflict(null, "allocation " + allocation.id() + " is pending; it has no node yet");
        }
        return questions.ask(node, new Target.Applied(allocation.id()), AppliedState.class, PATIENCE);
    }
}
