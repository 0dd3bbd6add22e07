package io.flotilla.controlplane.reconcile;

import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.database.Notifications;
import io.flotilla.controlplane.node.Liveness;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The loop of every replica: exchanges signs of life each second, and on the leader looks at the whole cluster whenever
 * there is a hint, and at least every two seconds without one.
 */
@Component
class ReconcileLoop implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ReconcileLoop.class);
    private static final long BEAT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SWEEP_NANOS = Duration.ofSeconds(2).toNanos();
    private static final int SWEEPS_IN_A_ROW = 20;

    private final Reconciler reconciler;
    private final Liveness liveness;
    private final Leadership leadership;
    private final Database database;
    private final List<AfterSweep> followers;
    private final Semaphore hints = new Semaphore(0);
    private volatile @Nullable Thread thread;
    private boolean complained;

    ReconcileLoop(
            Reconciler reconciler,
            Liveness liveness,
            LeaderStore leaders,
            Database database,
            Notifications notifications,
            ObjectProvider<AfterSweep> followers) {
        this.reconciler = reconciler;
        this.liveness = liveness;
        this.leadership = new Leadership(leaders, UUID.randomUUID(), System::nanoTime);
        this.database = database;
        this.followers = followers.orderedStream().toList();
        for (String topic : List.of("node", "workload", "allocation")) {
            notifications.subscribe(topic, payload -> hints.release());
        }
    }

    @Override
    public void start() {
        // Assigned before it starts: the loop ends when it finds no thread here.
        Thread loop = Thread.ofVirtual().name("reconcile").unstarted(this::run);
        thread = loop;
        loop.start();
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            // Woken, not interrupted: an interrupt would break the database connection that it may be using.
            hints.release();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void run() {
        long nextBeat = System.nanoTime();
        long nextSweep = nextBeat;
        boolean leading = false;
        while (thread != null) {
            try {
                boolean hinted = hints.tryAcquire(Math.max(0, nextBeat - System.nanoTime()), TimeUnit.NANOSECONDS);
                hints.drainPermits();
                if (!database.ready()) {
                    nextBeat = System.nanoTime() + BEAT_NANOS;
                    continue;
                }
                if (System.nanoTime() - nextBeat >= 0) {
                    liveness.exchange();
                    leading = leadership.lead();
                    nextBeat = System.nanoTime() + BEAT_NANOS;
                }
                if (leading && (hinted || System.nanoTime() - nextSweep >= 0)) {
                    sweep();
                    nextSweep = System.nanoTime() + SWEEP_NANOS;
                }
                complained = false;
            } catch (InterruptedException e) {
                break;
            } catch (RuntimeException e) {
                nextBeat = System.nanoTime() + BEAT_NANOS;
                complain(e);
            }
        }
        release();
    }

    /** Until nothing is left to do; what one sweep does can make the next thing possible. */
    private void sweep() {
        int rounds = 0;
        while (reconciler.sweep(leadership::fence) && ++rounds < SWEEPS_IN_A_ROW) {
            LOG.debug("sweep {} changed something", rounds);
        }
        followers.forEach(AfterSweep::afterSweep);
    }

    private void complain(RuntimeException e) {
        if (complained) {
            LOG.debug("still cannot reconcile", e);
        } else {
            LOG.warn("cannot reconcile; trying again every second", e);
            complained = true;
        }
    }

    private void release() {
        try {
            leadership.release();
        } catch (RuntimeException e) {
            LOG.debug("the lead was not released; others take over by themselves", e);
        }
    }
}
