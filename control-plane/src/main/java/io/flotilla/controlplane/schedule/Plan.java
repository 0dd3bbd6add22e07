package io.flotilla.controlplane.schedule;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done, in order. Carrying it out needs no further choice.
 *
 * @param frozen null, or the sentence that says why nothing of lost nodes is placed elsewhere
 */
public record Plan(List<Step> steps, @Nullable String frozen) {

    public Plan {
        steps = List.copyOf(steps);
    }

    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /** One thing to be done. */
    public sealed interface Step {

        /** The node is given up until it is heard again. */
        record NodeLost(UUID nodeId) implements Step {}

        /** A lost node is heard again. */
        record NodeBack(UUID nodeId) implements Step {}

        /**
         * A new allocation of the workload's current revision.
         *
         * @param nodeId null: none fits, it is pending
         * @param successorOf the allocation that goes on until this one runs; null if there is none
         */
        record Create(
                UUID workloadId,
                int replica,
                @Nullable UUID nodeId,
                @Nullable UUID successorOf,
                String reason,
                List<Verdict> verdicts)
                implements Step {

            public Create {
                verdicts = List.copyOf(verdicts);
            }
        }

        /** A pending allocation gets its node. */
        record Place(UUID allocationId, UUID nodeId, String reason, List<Verdict> verdicts) implements Step {

            public Place {
                verdicts = List.copyOf(verdicts);
            }
        }

        /** Nothing can be done for an allocation now; this is why. Only emitted when the reason has changed. */
        record Explain(UUID allocationId, String reason, List<Verdict> verdicts) implements Step {

            public Explain {
                verdicts = List.copyOf(verdicts);
            }
        }

        /** Stop it gracefully; one that is pending ends at once. */
        record Stop(UUID allocationId, String reason) implements Step {}

        /** Its node was given up and its successor runs: it is lost, and stopped if the node comes back. */
        record Lose(UUID allocationId, String reason) implements Step {}

        /** Remove all that it left; one that never had a node is gone at once. */
        record Remove(UUID allocationId) implements Step {}
    }
}
