package io.flotilla.agent.reconcile;

import io.flotilla.agent.plan.AllocationState;
import io.flotilla.agent.plan.Restarts;
import io.flotilla.agent.plan.Step;
import io.flotilla.agent.report.Journal;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out the steps of one allocation on a thread of its own, then ends. */
final class Worker {

    private final Host host;
    private final Journal journal;
    private final Supplier<Instant> clock;
    private final Runnable recorded;
    private final List<Step> steps;

    /** Only a pull may be given up half-way; its thread does nothing else, so that nothing else is interrupted. */
    private volatile @Nullable Thread pulling;

    private volatile boolean pullCancelled;

    Worker(Host host, Journal journal, Supplier<Instant> clock, Runnable recorded, List<Step> steps) {
        this.host = host;
        this.journal = journal;
        this.clock = clock;
        this.recorded = recorded;
        this.steps = List.copyOf(steps);
    }

    void carryOut() throws IOException, InterruptedException {
        for (Step step : steps) {
            if (!carryOut(step)) {
                return;
            }
        }
    }

    /** False: the rest of the plan no longer holds. */
    private boolean carryOut(Step step) throws IOException, InterruptedException {
        switch (step) {
            case Step.Pull pull -> {
                record(pull.next());
                pull(pull);
                return false;
            }
            case Step.Start start -> {
                record(start.next());
                start(start);
                return false;
            }
            case Step.Stop stop -> {
                record(stop.next());
                host.stop(stop.container(), stop.grace());
                return false;
            }
            case Step.Report report -> record(report.next());
            case Step.Discard discard -> host.discard(discard.container());
            case Step.Remove remove -> {
                host.remove(remove.allocationId());
                record(remove.next());
            }
            case Step.Forget forget -> journal.forget(forget.allocationId());
            case Step.Wait _, Step.Quarantine _ -> {}
        }
        return true;
    }

    private void record(AllocationState next) throws IOException {
        if (journal.record(next, clock.get()).isPresent()) {
            recorded.run();
        }
    }

    private void start(Step.Start step) throws IOException, InterruptedException {
        try {
            Host.Started started = host.start(step.container(), step.spec());
            record(step.next().running(started.ports(), started.address()));
        } catch (FailedStepException e) {
            failed(step.next(), e);
        }
    }

    private void failed(AllocationState state, FailedStepException e) throws IOException {
        record(Restarts.afterFailure(state, String.valueOf(e.getMessage()), e.code(), e.lasting(), clock.get()));
    }

    private void pull(Step.Pull step) throws IOException, InterruptedException {
        FailedStepException[] failure = new FailedStepException[1];
        Thread thread = Thread.ofVirtual().name("pull-" + step.digest().brief()).unstarted(() -> {
            try {
                host.pull(step.allocationId(), step.image(), step.digest());
            } catch (FailedStepException e) {
                failure[0] = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failure[0] = new FailedStepException("the agent failed during the pull: " + e, null, false, e);
            }
        });
        pulling = thread;
        thread.start();
        if (pullCancelled) {
            thread.interrupt();
        }
        thread.join();
        if (failure[0] != null && !pullCancelled) {
            failed(step.next(), failure[0]);
        }
    }

    /** Gives up a pull that is no longer wanted. */
    void cancelPull() {
        pullCancelled = true;
        Thread thread = pulling;
        if (thread != null) {
            thread.interrupt();
        }
    }

    boolean pulls() {
        return steps.stream().anyMatch(Step.Pull.class::isInstance);
    }
}
