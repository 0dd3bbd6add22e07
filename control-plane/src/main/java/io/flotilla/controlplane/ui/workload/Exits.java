package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.protocol.AllocStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What there is to say of containers that keep exiting: how, how often, and when the next try comes.
 *
 * @param worst the one that has exited most often
 * @param others how many more of the same workload wait for their next attempt
 */
record Exits(AllocationView worst, int others) {

    private static final Units UNITS = new Units();

    /** Empty if nothing that has exited waits for its next attempt. */
    static Optional<Exits> of(List<AllocationView> present) {
        List<AllocationView> waiting = present.stream()
                .filter(allocation -> allocation.status() == AllocStatus.BACKOFF && allocation.exited())
                .toList();
        return waiting.stream()
                .max(Comparator.comparingInt(AllocationView::attempt))
                .map(worst -> new Exits(worst, waiting.size() - 1));
    }

    String title() {
        if (worst.oomKilled()) {
            return "It keeps running out of memory.";
        }
        return worst.exitUnknown()
                ? "It keeps exiting; the last exit code is unknown."
                : "It keeps exiting, last with exit code " + worst.exitCode() + ".";
    }

    String text(Instant now) {
        String more = others == 0
                ? ""
                : ", and " + UNITS.count(others, "other replica does", "other replicas do") + " the same";
        return "Replica " + worst.replica() + " has exited " + UNITS.count(worst.attempt(), "time", "times") + more
                + ". " + next(now);
    }

    private String next(Instant now) {
        Instant due = worst.retryAt();
        return due == null || !due.isAfter(now)
                ? "The next try is due."
                : "The next try comes in " + UNITS.span(Duration.between(now, due)) + ".";
    }
}
