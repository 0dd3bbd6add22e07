package io.flotilla.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.plan.AllocationState;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.plan.ObservedContainer;
import io.flotilla.agent.plan.Specs;
import io.flotilla.agent.report.Journal;
import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import io.flotilla.protocol.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's loop over a host in memory, with a real ledger and a real journal. */
class ReconcilerTest {

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final UUID ONE = Specs.id(1);
    private static final UUID TWO = Specs.id(2);

    @TempDir
    private Path directory;

    private final FakeHost host = new FakeHost();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T12:00:00Z"));
    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final List<Order> orders = new ArrayList<>();
    private long generation;
    private Ledger ledger;
    private Journal journal;
    private Reconciler reconciler;
    private Thread loop;

    @BeforeEach
    void open() throws IOException {
        ledger = Ledger.open(directory.resolve("ledger"));
        journal = Journal.open(Files.createDirectory(directory.resolve("events")));
        reconciler = new Reconciler(host, ledger, journal, "boot-1", now::get, () -> {}, said::add);
        loop = Thread.ofVirtual().start(() -> {
            try {
                reconciler.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void close() throws Exception {
        reconciler.close();
        loop.join();
        journal.close();
    }

    private void order(Order order) throws IOException {
        orders.removeIf(old -> old.allocationId().equals(order.allocationId()));
        orders.add(order);
        assertThat(ledger.accept(new NodeSpec(1, ++generation, orders))).isEmpty();
        reconciler.wake();
    }

    private void run(int number, RestartPolicy restart) throws IOException {
        AllocationSpec spec = Specs.allocation(number, restart);
        order(new Order.Run(spec.allocationId(), 0, spec));
    }

    private void pass(Duration time) {
        now.updateAndGet(t -> t.plus(time));
        reconciler.wake();
    }

    private AllocationState state(UUID allocation) {
        return journal.state(allocation).orElseThrow();
    }

    private void awaitStatus(UUID allocation, AllocStatus status) {
        await(() -> journal.state(allocation).filter(s -> s.status() == status).isPresent());
    }

    private List<AllocEvent> events(UUID allocation) {
        return journal.pendingAfter(0, 1000).stream()
                .filter(e -> e.allocationId().equals(allocation))
                .toList();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true before the deadline").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void failsAJobAtOnceWhenItsImageCanNeverBeHad() throws IOException {
        host.pulls.put(ONE, () -> {
            throw FakeHost.failure("image \"a:t\" is unknown to registry r", null, true);
        });
        run(1, RestartPolicy.NEVER);
        host.pulls.put(TWO, () -> {
            throw FakeHost.failure("image \"a:t\" is unknown to registry r", null, true);
        });
        run(2, RestartPolicy.ON_FAILURE);
        for (UUID id : List.of(ONE, TWO)) {
            awaitStatus(id, AllocStatus.FAILED);
            assertThat(events(id))
                    .extracting(AllocEvent::status)
                    .containsExactly(AllocStatus.PULLING, AllocStatus.FAILED);
            AllocEvent last = events(id).getLast();
            assertThat(last.reason()).isEqualTo("image \"a:t\" is unknown to registry r");
            assertThat(last.exitCode()).isNull();
            assertThat(last.exitUnknown()).isFalse();
        }
    }

    @Test
    void keepsTryingForAServiceWithGrowingPausesAndSaysWhyAtOnce() throws IOException {
        host.pulls.put(ONE, () -> {
            throw FakeHost.failure("image \"a:t\": registry r wants a login", null, true);
        });
        run(1, RestartPolicy.ALWAYS);
        for (long seconds : new long[] {1, 2, 4, 8}) {
            awaitStatus(ONE, AllocStatus.BACKOFF);
            assertThat(state(ONE).reason()).isEqualTo("image \"a:t\": registry r wants a login");
            Instant due = Objects.requireNonNull(state(ONE).retryAt());
            assertThat(Duration.between(now.get(), due)).hasSeconds(seconds);
            long tries = host.pulled.get();
            pass(Duration.ofSeconds(seconds));
            await(() -> host.pulled.get() > tries);
        }
        assertThat(events(ONE).stream().skip(1)).allMatch(e -> e.reason() != null, "the reason stays in sight");
    }

    @Test
    void triesAJobAgainAfterAFailureThatPasses() throws IOException {
        host.pulls.put(ONE, () -> {
            if (host.pulled.get() < 3) {
                throw FakeHost.failure("registry r is away: connection refused", null, false);
            }
        });
        run(1, RestartPolicy.NEVER);
        for (int i = 1; i < 3; i++) {
            int tries = i;
            await(() -> host.pulled.get() == tries && state(ONE).status() == AllocStatus.BACKOFF);
            assertThat(state(ONE).reason()).contains("is away");
            pass(Duration.ofSeconds(5));
        }
        awaitStatus(ONE, AllocStatus.RUNNING);
        assertThat(state(ONE).attempt()).isOne();
        assertThat(state(ONE).reason()).isNull();
    }

    @Test
    void givesAJobWhoseProgramIsNotThereTheExitCodeOfAShell() throws IOException {
        host.starts.put(ONE, () -> {
            throw FakeHost.failure("exec nonsense: ENOENT", 127, true);
        });
        run(1, RestartPolicy.NEVER);
        awaitStatus(ONE, AllocStatus.FAILED);
        assertThat(events(ONE).getLast().exitCode()).isEqualTo(127);
        assertThat(host.containers).isEmpty();
    }

    @Test
    void waitsForAPortThatSomebodyHasAndThenRuns() throws IOException {
        CountDownLatch free = new CountDownLatch(1);
        host.starts.put(ONE, () -> {
            if (free.getCount() > 0) {
                throw FakeHost.failure("host port 80/tcp is taken: process 7 (nginx)", null, false);
            }
        });
        run(1, RestartPolicy.NEVER);
        awaitStatus(ONE, AllocStatus.BACKOFF);
        assertThat(state(ONE).reason()).isEqualTo("host port 80/tcp is taken: process 7 (nginx)");
        free.countDown();
        pass(Duration.ofSeconds(1));
        awaitStatus(ONE, AllocStatus.RUNNING);
    }

    @Test
    void givesUpAPullThatNobodyWantsAnyMore() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        host.pulls.put(ONE, () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });
        run(1, RestartPolicy.ALWAYS);
        begun.await();
        order(new Order.Remove(ONE));
        interrupted.await();
        await(() -> state(ONE).removed());
        assertThat(state(ONE).status()).isEqualTo(AllocStatus.STOPPED);
    }

    @Test
    void letsNoAllocationWaitForAnother() throws IOException {
        CountDownLatch late = new CountDownLatch(1);
        host.starts.put(ONE, late::await);
        run(1, RestartPolicy.ALWAYS);
        awaitStatus(ONE, AllocStatus.STARTING);
        run(2, RestartPolicy.ALWAYS);
        awaitStatus(TWO, AllocStatus.RUNNING);
        assertThat(state(ONE).status()).isEqualTo(AllocStatus.STARTING);
        late.countDown();
        awaitStatus(ONE, AllocStatus.RUNNING);
    }

    @Test
    void doesNothingWhileTheHostCannotBeObservedAndSaysSoOnce() throws IOException {
        host.blind = new IOException("proc is away");
        run(1, RestartPolicy.ALWAYS);
        await(() -> !said.isEmpty());
        reconciler.wake();
        assertThat(journal.states()).isEmpty();
        host.blind = null;
        reconciler.wake();
        awaitStatus(ONE, AllocStatus.RUNNING);
        assertThat(said).singleElement().asString().contains("cannot observe this host", "proc is away");
    }

    @Test
    void showsWhatItWasNeverToldOfAndLeavesItAlone() throws IOException {
        ContainerId stray = new ContainerId(TWO, 1);
        host.containers.put(stray, new ObservedContainer(stray, Instant.EPOCH, List.of(), null, null));
        run(1, RestartPolicy.ALWAYS);
        awaitStatus(ONE, AllocStatus.RUNNING);
        await(() -> reconciler.quarantined().equals(List.of(TWO)));
        assertThat(host.containers).containsKey(stray);
    }

    @Test
    void stopsDiscardsAndForgetsInTheEnd() throws IOException {
        run(1, RestartPolicy.ALWAYS);
        awaitStatus(ONE, AllocStatus.RUNNING);
        order(new Order.Remove(ONE));
        await(() -> state(ONE).removed());
        assertThat(host.containers).isEmpty();
        assertThat(state(ONE).exit())
                .isNotNull()
                .extracting(e -> Objects.requireNonNull(e).code())
                .isEqualTo(143);
        orders.clear();
        assertThat(ledger.accept(new NodeSpec(1, ++generation, orders))).isEmpty();
        reconciler.wake();
        await(() -> journal.states().isEmpty());
        assertThat(host.present(Set.of(Specs.DIGEST))).containsExactly(Specs.DIGEST);
    }
}
