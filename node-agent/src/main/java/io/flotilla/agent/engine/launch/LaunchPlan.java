package io.flotilla.agent.engine.launch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the shim shall do to start a process: a flat list of steps without choices. A container's plan begins with its
 * namespaces and id maps; an exec's plan has neither, for its process enters those of the running container. Every plan
 * ends with {@link Step.Execute}.
 */
public record LaunchPlan(Kind kind, List<Step> steps) {

    /** Whether the plan makes a container or a further process in one. */
    public enum Kind {
        CONTAINER,
        EXEC
    }

    public LaunchPlan {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || !(steps.getLast() instanceof Step.Execute)) {
            throw new IllegalArgumentException("a launch plan ends with the program to execute");
        }
        boolean namespaces = steps.getFirst() instanceof Step.Namespaces;
        if (namespaces != (kind == Kind.CONTAINER)) {
            throw new IllegalArgumentException("a container's launch plan, and no other, begins with namespaces");
        }
    }

    /** The same plan with one more step, for what the shim does itself. */
    public LaunchPlan with(Step step) {
        List<Step> all = new ArrayList<>(steps);
        all.add(all.size() - 1, step);
        return new LaunchPlan(kind, all);
    }

    /** The form that the shim reads; its layout is described in the shim's {@code plan.h}. */
    ByteBuffer encode() {
        return new PlanEncoder().encode(this);
    }
}
