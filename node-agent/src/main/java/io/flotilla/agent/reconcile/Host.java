package io.flotilla.agent.reconcile;

import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.plan.ObservedContainer;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The engine as the reconciler sees it. Every call is idempotent, may block, and may be made for different allocations
 * at once.
 */
public interface Host {

    /** What a started container got. */
    record Started(List<PortMapping> ports, @Nullable String address) {}

    /**
     * Every container of this node. It fails rather than leave one out: a container that is missing here counts as
     * ended.
     */
    List<ObservedContainer> containers() throws IOException;

    /** Those of the digests whose images are complete here. */
    Set<Digest> present(Set<Digest> wanted) throws IOException;

    /** Fetches an image. */
    void pull(UUID allocationId, ImageName image, Digest digest) throws FailedStepException, InterruptedException;

    /** Creates and starts a container; leaves no container behind when it fails. */
    Started start(ContainerId container, AllocationSpec spec) throws FailedStepException, InterruptedException;

    /** Sends the stop signal and, after the grace period, SIGKILL; returns when the container has ended. */
    void stop(ContainerId container, Duration grace) throws IOException, InterruptedException;

    /** Removes what an ended attempt left, but not the allocation's writable layer and logs. */
    void discard(ContainerId container) throws IOException, InterruptedException;

    /** Removes everything that an allocation without containers left. */
    void remove(UUID allocationId) throws IOException, InterruptedException;
}
