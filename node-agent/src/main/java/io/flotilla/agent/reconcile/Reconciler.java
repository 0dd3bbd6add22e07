package io.flotilla.agent.reconcile;

import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.plan.Observed;
import io.flotilla.agent.plan.ObservedContainer;
import io.flotilla.agent.plan.Planner;
import io.flotilla.agent.plan.Step;
import io.flotilla.agent.report.Journal;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.NodeSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The node's loop: observe, plan, act. It is level-triggered: being woken says only that something may have changed, and
 * a missed call is made good by the next look. Workers of different allocations never wait for each other.
 */
public final class Reconciler implements AutoCloseable {

    /** Everything is looked at anew at least this often. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    /** After a step that failed for no reason of the allocation's own (a full disk, say). */
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);

    private final Host host;
    private final Ledger ledger;
    private final Journal journal;
    private final String bootId;
    private final Supplier<Instant> clock;
    private final Runnable recorded;
    private final Consumer<String> log;
    private final Semaphore wake = new Semaphore(0);
    private final Map<UUID, Worker> busy = new ConcurrentHashMap<>();
    private final Map<UUID, Instant> troubled = new ConcurrentHashMap<>();
    private volatile List<UUID> quarantined = List.of();
    private volatile boolean closed;

    /**
     * @param clock must not jump: it times back-offs
     * @param recorded is called after every new event
     * @param log is told what goes wrong, in sentences
     */
    public Reconciler(
            Host host,
            Ledger ledger,
            Journal journal,
            String bootId,
            Supplier<Instant> clock,
            Runnable recorded,
            Consumer<String> log) {
        this.host = host;
        this.ledger = ledger;
        this.journal = journal;
        this.bootId = bootId;
        this.clock = clock;
        this.recorded = recorded;
        this.log = log;
    }

    /** Something may have changed. */
    public void wake() {
        wake.release();
    }

    /** Allocations found here that the NodeSpec does not name. */
    public List<UUID> quarantined() {
        return quarantined;
    }

    /** Works until closed. */
    public void run() throws InterruptedException {
        String lastTrouble = "";
        while (!closed) {
            Duration pause = LOOK_AGAIN;
            try {
                pause = round();
                lastTrouble = "";
            } catch (IOException | RuntimeException e) {
                String trouble = "cannot observe this host: " + e;
                if (!trouble.equals(lastTrouble)) {
                    log.accept(trouble);
                }
                lastTrouble = trouble;
                pause = AFTER_TROUBLE;
            }
            if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                wake.drainPermits();
            }
        }
    }

    /** One look at everything; returns how long nothing is due. */
    private Duration round() throws IOException {
        // Read before observing: what a worker does meanwhile must not be judged by an older observation.
        Set<UUID> atWork = new HashSet<>(busy.keySet());
        NodeSpec spec = ledger.current();
        List<ObservedContainer> containers = host.containers();
        Observed observed = new Observed(bootId, host.present(wanted(spec)), journal.states(), containers);
        Instant now = clock.get();
        Instant next = now.plus(LOOK_AGAIN);
        List<UUID> unknown = new ArrayList<>();
        for (Map.Entry<UUID, List<Step>> plan :
                byAllocation(Planner.plan(spec, observed, now)).entrySet()) {
            List<Step> steps = plan.getValue();
            for (Step step : steps) {
                if (step instanceof Step.Wait wait && wait.until().isBefore(next)) {
                    next = wait.until();
                } else if (step instanceof Step.Quarantine) {
                    unknown.add(plan.getKey());
                }
            }
            if (atWork.contains(plan.getKey())) {
                cancelUnwantedPull(plan.getKey(), steps);
            } else {
                next = min(next, give(plan.getKey(), steps, now));
            }
        }
        cancelPullsOf(atWork, spec);
        quarantined = List.copyOf(unknown);
        return Duration.between(now, next).isNegative() ? Duration.ZERO : Duration.between(now, next);
    }

    private static Set<Digest> wanted(NodeSpec spec) {
        return spec.orders().stream()
                .filter(NodeSpec.Order.Run.class::isInstance)
                .map(order -> ((NodeSpec.Order.Run) order).spec().digest())
                .collect(Collectors.toSet());
    }

    private static Map<UUID, List<Step>> byAllocation(List<Step> steps) {
        return steps.stream()
                .collect(Collectors.groupingBy(Step::allocationId, LinkedHashMap::new, Collectors.toList()));
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** Starts a worker unless there is nothing to do or trouble is too fresh; returns when to look again. */
    private Instant give(UUID allocation, List<Step> steps, Instant now) {
        boolean idle = steps.stream().allMatch(step -> step instanceof Step.Wait || step instanceof Step.Quarantine);
        if (idle) {
            return Instant.MAX;
        }
        Instant notBefore = troubled.get(allocation);
        if (notBefore != null && notBefore.isAfter(now)) {
            return notBefore;
        }
        Worker worker = new Worker(host, journal, clock, recorded, steps);
        busy.put(allocation, worker);
        Thread.ofVirtual().name("allocation-" + allocation).start(() -> work(allocation, worker));
        return Instant.MAX;
    }

    private void work(UUID allocation, Worker worker) {
        try {
            worker.carryOut();
            troubled.remove(allocation);
        } catch (IOException | RuntimeException e) {
            log.accept("allocation " + allocation + ": " + e);
            troubled.put(allocation, clock.get().plus(AFTER_TROUBLE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            busy.remove(allocation);
            wake();
        }
    }

    private void cancelUnwantedPull(UUID allocation, List<Step> steps) {
        Worker worker = busy.get(allocation);
        if (worker != null && worker.pulls() && steps.stream().noneMatch(Step.Pull.class::isInstance)) {
            worker.cancelPull();
        }
    }

    /** An allocation that is named no more has no steps, and nobody wants its image. */
    private void cancelPullsOf(Set<UUID> atWork, NodeSpec spec) {
        Set<UUID> named =
                spec.orders().stream().map(NodeSpec.Order::allocationId).collect(Collectors.toSet());
        atWork.stream().filter(id -> !named.contains(id)).forEach(id -> cancelUnwantedPull(id, List.of()));
    }

    /** Ends the loop. Workers are left to finish: containers need no agent to live on. */
    @Override
    public void close() {
        closed = true;
        wake();
    }
}
