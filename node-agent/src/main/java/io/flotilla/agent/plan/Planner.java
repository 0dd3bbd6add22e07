package io.flotilla.agent.plan;

import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The node's decisions. Level-triggered: the same inputs give the same steps however they came about, and when all
 * steps have been done the plan is empty but for waits and quarantines.
 */
public final class Planner {

    /** For an allocation whose spec this node has never seen. */
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    private final NodeSpec spec;
    private final Observed observed;
    private final Instant now;
    private final List<Step> steps = new ArrayList<>();

    private Planner(NodeSpec spec, Observed observed, Instant now) {
        this.spec = spec;
        this.observed = observed;
        this.now = now;
    }

    /** What is to be done now, grouped by allocation, in the order of the NodeSpec. */
    public static List<Step> plan(NodeSpec spec, Observed observed, Instant now) {
        return List.copyOf(new Planner(spec, observed, now).plan());
    }

    private List<Step> plan() {
        Set<UUID> named = new HashSet<>();
        for (Order order : spec.orders()) {
            if (named.add(order.allocationId())) {
                plan(order);
            }
        }
        Set<UUID> found = new HashSet<>();
        for (ObservedContainer container : observed.containers()) {
            UUID id = container.id().allocationId();
            found.add(id);
            if (!named.contains(id)) {
                steps.add(new Step.Quarantine(container.id()));
            }
        }
        observed.states().values().stream()
                .filter(state -> state.removed() && !named.contains(state.allocationId()))
                .filter(state -> !found.contains(state.allocationId()))
                .map(AllocationState::allocationId)
                .sorted()
                .forEach(id -> steps.add(new Step.Forget(id)));
        return steps;
    }

    private void plan(Order order) {
        AllocationState remembered = observed.states().get(order.allocationId());
        AllocationState state = remembered != null
                ? remembered
                : AllocationState.fresh(order.allocationId(), specOf(order), spec.incarnation());
        List<ObservedContainer> containers = observed.containers().stream()
                .filter(container -> container.id().allocationId().equals(order.allocationId()))
                .sorted(Comparator.comparingInt(container -> container.id().attempt()))
                .toList();
        ObservedContainer newest = containers.isEmpty() ? null : containers.getLast();
        if (state.attempt() == 0 && newest != null) {
            // The journal was lost, the container was not: its attempt is the truth.
            state = state.starting(newest.id().attempt(), restartsOf(order), observed.bootId());
        }
        if (newest != null && newest.id().attempt() < state.attempt()) {
            newest = null;
        }
        for (ObservedContainer old : containers) {
            if (!old.equals(newest)) {
                steps.add(old.runs() ? kill(state, old) : new Step.Discard(old.id()));
            }
        }
        if (remembered != null && state.incarnation() < spec.incarnation()) {
            // A restored database has forgotten what it was told under its former incarnation.
            state = state.under(spec.incarnation());
            steps.add(new Step.Report(state));
        }
        Settled settled = settle(order, state, newest);
        follow(order, settled.state(), settled.container());
    }

    /** State and container once they agree; no container where it has been discarded. */
    private record Settled(AllocationState state, @Nullable ObservedContainer container) {}

    /** An attempt that a newer one has replaced has no business running. */
    private static Step kill(AllocationState state, ObservedContainer old) {
        return new Step.Stop(state, old.id(), Duration.ZERO);
    }

    /** Brings the remembered state in line with what is found: an end that has not been recorded, a start likewise. */
    private Settled settle(Order order, AllocationState state, @Nullable ObservedContainer container) {
        boolean open = switch (state.status()) {
            case STARTING, RUNNING, STOPPING -> true;
            case PENDING, PLACED, PULLING, BACKOFF, COMPLETED, STOPPED, FAILED, LOST -> false;
        };
        Exit exit = open ? exitOf(state, container) : null;
        if (exit != null) {
            AllocationState ended = afterExit(order, state, exit);
            steps.add(new Step.Report(ended));
            discard(container);
            return new Settled(ended, null);
        }
        if (container == null) {
            return new Settled(state, null);
        }
        if (!container.runs()) {
            // Its end is recorded, or it was never started: the agent died between creating and starting it.
            discard(container);
            return new Settled(state, null);
        }
        if (state.status() == AllocStatus.STARTING) {
            AllocationState running = state.running(container.ports(), container.address());
            steps.add(new Step.Report(running));
            return new Settled(running, container);
        }
        return new Settled(state, container);
    }

    private void discard(@Nullable ObservedContainer container) {
        if (container != null) {
            steps.add(new Step.Discard(container.id()));
        }
    }

    private @Nullable Exit exitOf(AllocationState state, @Nullable ObservedContainer container) {
        if (container != null) {
            return container.exit();
        }
        boolean survived = state.bootId().equals(observed.bootId());
        return survived && state.status() == AllocStatus.STARTING ? null : Exit.unknown(now);
    }

    private AllocationState afterExit(Order order, AllocationState state, Exit exit) {
        AllocationSpec wanted = state.spec() != null ? state.spec() : specOf(order);
        if (order instanceof Order.Run run && run.restarts() > state.restarts()) {
            return state.backoff(exit, 0, now, "restarted as asked");
        }
        if (wanted == null || state.status() == AllocStatus.STOPPING) {
            return state.ended(AllocStatus.STOPPED, exit, null);
        }
        AllocationState next = Restarts.afterExit(state, wanted, exit, now);
        boolean comesBack = next.status() == AllocStatus.BACKOFF;
        return comesBack && !(order instanceof Order.Run)
                ? state.ended(AllocStatus.STOPPED, exit, next.reason())
                : next;
    }

    private void follow(Order order, AllocationState state, @Nullable ObservedContainer container) {
        switch (order) {
            case Order.Run run -> run(run, state, container);
            case Order.Stop _ -> stop(state, container);
            case Order.Remove _ -> {
                stop(state, container);
                remove(state, container);
            }
        }
    }

    private void run(Order.Run order, AllocationState state, @Nullable ObservedContainer container) {
        AllocationSpec wanted = order.spec();
        switch (state.status()) {
            case PENDING, PLACED, PULLING -> pullOrStart(order, state, wanted, Math.max(1, state.attempt()));
            case STARTING -> {
                if (container == null) {
                    start(order, state, wanted, state.attempt());
                }
            }
            case BACKOFF -> {
                if (due(state, order)) {
                    pullOrStart(order, state, wanted, nextAttempt(state));
                } else if (state.retryAt() != null) {
                    steps.add(new Step.Wait(state.allocationId(), state.retryAt()));
                }
            }
            case RUNNING -> {
                if (order.restarts() > state.restarts() && container != null) {
                    steps.add(new Step.Stop(state.stopping("restart was asked for"), container.id(), grace(state)));
                }
            }
            case STOPPING -> {
                // Also when the order went back to run: the signal is out, and the attempt will end.
                if (container != null) {
                    steps.add(new Step.Stop(state, container.id(), grace(state)));
                }
            }
            case COMPLETED, STOPPED, FAILED, LOST -> {}
        }
    }

    private boolean due(AllocationState state, Order.Run order) {
        Instant at = state.retryAt();
        boolean clockWentBack = at != null && at.isAfter(now.plus(Restarts.LONGEST_PAUSE));
        return at == null || !at.isAfter(now) || clockWentBack || order.restarts() > state.restarts();
    }

    /** An attempt counts once it has been started; a failed pull does not use one up. */
    private static int nextAttempt(AllocationState state) {
        return state.bootId().isEmpty() ? Math.max(1, state.attempt()) : state.attempt() + 1;
    }

    private void pullOrStart(Order.Run order, AllocationState state, AllocationSpec wanted, int attempt) {
        if (observed.images().contains(wanted.digest())) {
            start(order, state, wanted, attempt);
        } else {
            steps.add(new Step.Pull(state.pulling(), wanted.image(), wanted.digest()));
        }
    }

    private void start(Order.Run order, AllocationState state, AllocationSpec wanted, int attempt) {
        AllocationState next = state.starting(attempt, order.restarts(), observed.bootId());
        steps.add(new Step.Start(next, new ContainerId(state.allocationId(), attempt), wanted));
    }

    private void stop(AllocationState state, @Nullable ObservedContainer container) {
        if (container != null) {
            boolean told =
                    state.status() == AllocStatus.STOPPING || state.status().isFinal();
            steps.add(new Step.Stop(told ? state : state.stopping("stop was asked for"), container.id(), grace(state)));
        } else if (!state.status().isFinal()) {
            steps.add(new Step.Report(state.ended(AllocStatus.STOPPED, state.exit(), null)));
        }
    }

    private void remove(AllocationState state, @Nullable ObservedContainer container) {
        if (container == null && !state.removed()) {
            AllocationState last =
                    state.status().isFinal() ? state : state.ended(AllocStatus.STOPPED, state.exit(), null);
            steps.add(new Step.Remove(last.gone()));
        }
    }

    private static Duration grace(AllocationState state) {
        AllocationSpec known = state.spec();
        return known == null ? DEFAULT_GRACE : Duration.ofMillis(known.stopGraceMillis());
    }

    private static @Nullable AllocationSpec specOf(Order order) {
        return order instanceof Order.Run run ? run.spec() : null;
    }

    private static int restartsOf(Order order) {
        return order instanceof Order.Run run ? run.restarts() : 0;
    }
}
