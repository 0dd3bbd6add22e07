package io.flotilla.agent.plan;

import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.PortMapping;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the node remembers of one allocation, across restarts of the agent and of the host. Every change of it is an
 * event; both are one entry of the journal.
 *
 * @param spec null only for an allocation that this node was told to stop or remove without ever having run it
 * @param attempt the newest attempt; 0 before the first
 * @param restarts the number of wished restarts that the newest attempt has honoured
 * @param bootId the boot in which the newest attempt was started; empty before the first
 * @param incarnation of the NodeSpec under which this was last reported
 * @param failures ends in a row without a healthy run between them; sets the back-off
 * @param retryAt when the next attempt is due; null unless the status is backoff
 * @param exit of the newest attempt; null while it has not ended
 * @param reason one sentence for people; null when there is nothing to explain
 * @param removed everything it had left on the host is gone
 */
public record AllocationState(
        UUID allocationId,
        @Nullable AllocationSpec spec,
        AllocStatus status,
        int attempt,
        int restarts,
        String bootId,
        long incarnation,
        int failures,
        @Nullable Instant retryAt,
        @Nullable Exit exit,
        @Nullable String reason,
        List<PortMapping> ports,
        @Nullable String address,
        boolean removed) {

    public AllocationState {
        ports = List.copyOf(ports);
    }

    /** An allocation that has just been named for the first time. */
    static AllocationState fresh(UUID allocationId, @Nullable AllocationSpec spec, long incarnation) {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.PLACED,
                0,
                0,
                "",
                incarnation,
                0,
                null,
                null,
                null,
                List.of(),
                null,
                false);
    }

    /** The event that reports this state. */
    public AllocEvent event(long seq, Instant time) {
        return new AllocEvent(
                seq,
                allocationId,
                Math.max(1, attempt),
                time,
                status,
                exit == null ? null : exit.code(),
                exit != null && exit.code() == null,
                exit != null && exit.oomKilled(),
                reason,
                retryAt,
                ports,
                address,
                removed);
    }

    /** The reason of a failed pull stays while the next one is under way: a registry that is away may take its time. */
    AllocationState pulling() {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.PULLING,
                attempt,
                restarts,
                bootId,
                incarnation,
                failures,
                null,
                exit,
                reason,
                List.of(),
                null,
                false);
    }

    AllocationState starting(int nextAttempt, int honoured, String boot) {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.STARTING,
                nextAttempt,
                honoured,
                boot,
                incarnation,
                failures,
                null,
                null,
                null,
                List.of(),
                null,
                false);
    }

    /** The newest attempt's process runs. */
    public AllocationState running(List<PortMapping> published, @Nullable String bridgeAddress) {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.RUNNING,
                attempt,
                restarts,
                bootId,
                incarnation,
                failures,
                null,
                null,
                null,
                published,
                bridgeAddress,
                false);
    }

    AllocationState stopping(String why) {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.STOPPING,
                attempt,
                restarts,
                bootId,
                incarnation,
                failures,
                null,
                null,
                why,
                ports,
                address,
                false);
    }

    AllocationState backoff(@Nullable Exit ended, int inARow, Instant due, @Nullable String why) {
        return new AllocationState(
                allocationId,
                spec,
                AllocStatus.BACKOFF,
                attempt,
                restarts,
                bootId,
                incarnation,
                inARow,
                due,
                ended,
                why,
                List.of(),
                null,
                false);
    }

    AllocationState ended(AllocStatus last, @Nullable Exit ended, @Nullable String why) {
        return new AllocationState(
                allocationId,
                spec,
                last,
                attempt,
                restarts,
                bootId,
                incarnation,
                failures,
                null,
                ended,
                why,
                List.of(),
                null,
                false);
    }

    AllocationState gone() {
        return new AllocationState(
                allocationId,
                null,
                status,
                attempt,
                restarts,
                bootId,
                incarnation,
                0,
                null,
                exit,
                reason,
                List.of(),
                null,
                true);
    }

    AllocationState under(long newIncarnation) {
        return new AllocationState(
                allocationId,
                spec,
                status,
                attempt,
                restarts,
                bootId,
                newIncarnation,
                failures,
                retryAt,
                exit,
                reason,
                ports,
                address,
                removed);
    }
}
