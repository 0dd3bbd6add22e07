package io.flotilla.agent.plan;

import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * One thing to do for one allocation. The steps of an allocation are carried out in order and each is idempotent; steps
 * of different allocations are independent. {@code next} is journalled, and thereby reported, before the step is done,
 * except by Remove, which reports what has been done.
 */
public sealed interface Step {

    UUID allocationId();

    /** Fetch the image. */
    record Pull(AllocationState next, ImageName image, Digest digest) implements Step {
        @Override
        public UUID allocationId() {
            return next.allocationId();
        }
    }

    /** Create and start a container. */
    record Start(AllocationState next, ContainerId container, AllocationSpec spec) implements Step {
        @Override
        public UUID allocationId() {
            return next.allocationId();
        }
    }

    /** Send the stop signal, and SIGKILL after the grace period. */
    record Stop(AllocationState next, ContainerId container, Duration grace) implements Step {
        @Override
        public UUID allocationId() {
            return next.allocationId();
        }
    }

    /** Journal and report what has been found. */
    record Report(AllocationState next) implements Step {
        @Override
        public UUID allocationId() {
            return next.allocationId();
        }
    }

    /** Remove what an ended attempt left; its exit is in the journal. The writable layer and logs stay. */
    record Discard(ContainerId container) implements Step {
        @Override
        public UUID allocationId() {
            return container.allocationId();
        }
    }

    /** Remove everything that the allocation left, then journal and report that it is gone. */
    record Remove(AllocationState next) implements Step {
        @Override
        public UUID allocationId() {
            return next.allocationId();
        }
    }

    /** Drop the memory of an allocation that is gone, reported, and no longer named. */
    record Forget(UUID allocationId) implements Step {}

    /** Nothing to do before this time. */
    record Wait(UUID allocationId, Instant until) implements Step {}

    /** Show a container that is named nowhere, and leave it alone. */
    record Quarantine(ContainerId container) implements Step {
        @Override
        public UUID allocationId() {
            return container.allocationId();
        }
    }
}
