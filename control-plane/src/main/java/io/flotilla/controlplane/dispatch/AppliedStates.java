package io.flotilla.controlplane.dispatch;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.ControlMessage.Target;
import java.time.Duration;
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
        Target target = new Target.Applied(allocation.id());
        return questions.ask(allocation.requireNode(), target, AppliedState.class, PATIENCE);
    }
}
