package io.flotilla.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.RestartPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whole plans, compared with the text files in {@code resources/plan}. */
class PlannerTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final String BOOT = "boot-1";
    private static final List<PortMapping> PORTS = List.of(new PortMapping(8080, 20_000, PortMapping.Protocol.TCP));

    private final List<Order> orders = new ArrayList<>();
    private final Map<UUID, AllocationState> states = new HashMap<>();
    private final List<ObservedContainer> containers = new ArrayList<>();
    private boolean imagePresent = true;
    private long incarnation = 1;

    @Test
    void startsWhatIsNewAndPullsFirstWhereTheImageIsMissing() {
        run(1, RestartPolicy.ALWAYS);
        compare("new-image-present");
        imagePresent = false;
        compare("new-image-missing");
    }

    @Test
    void leavesWhatRunsAlone() {
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 1));
        found(1, 1, null);
        assertThat(plan()).isEmpty();
    }

    @Test
    void adoptsAContainerThatTheJournalDoesNotKnow() {
        run(1, RestartPolicy.ALWAYS);
        found(1, 3, null);
        compare("adopt-without-journal");
    }

    @Test
    void noticesThatAStartHadSucceededWhenTheAgentDied() {
        run(1, RestartPolicy.ALWAYS);
        remember(starting(1, 1));
        found(1, 1, null);
        compare("start-had-succeeded");
    }

    @Test
    void repeatsAStartThatTheAgentDiedIn() {
        run(1, RestartPolicy.ALWAYS);
        remember(starting(1, 1));
        compare("start-repeated");
        containers.add(new ObservedContainer(new ContainerId(Specs.id(1), 1), null, List.of(), null, null));
        compare("start-repeated-after-creation");
    }

    @Test
    void restartsByPolicy() {
        int number = 0;
        for (RestartPolicy policy : RestartPolicy.values()) {
            for (@Nullable Integer code : new Integer[] {0, 3, 137, null}) {
                number++;
                run(number, policy);
                remember(running(number, 1, policy));
                found(number, 1, new Exit(code, code != null && code == 137, NOW, Duration.ofSeconds(5)));
            }
        }
        compare("exits-by-policy");
    }

    @Test
    void waitsLongerAfterEveryFailureUpToFiveMinutesAndAnewAfterAHealthyRun() {
        AllocationState state = running(1, 1);
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            AllocationState failed = Restarts.afterExit(
                    state, Specs.allocation(1, RestartPolicy.ALWAYS), exit(1, Duration.ofSeconds(2)), NOW);
            pauses.add(Duration.between(NOW, failed.retryAt()).toSeconds());
            state = failed.starting(failed.attempt() + 1, 0, BOOT);
        }
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L);
        AllocationState healthy = Restarts.afterExit(
                state, Specs.allocation(1, RestartPolicy.ALWAYS), exit(1, Duration.ofMinutes(10)), NOW);
        assertThat(healthy.retryAt()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void waitsOutABackOffAndThenStartsTheNextAttempt() {
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 4).backoff(exit(1, Duration.ZERO), 3, NOW.plusSeconds(4), "exited with code 1"));
        run(2, RestartPolicy.ALWAYS);
        remember(running(2, 4).backoff(exit(1, Duration.ZERO), 3, NOW, "exited with code 1"));
        compare("backoff");
    }

    @Test
    void doesNotWaitForAnHourBecauseTheClockWentBack() {
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 4).backoff(exit(1, Duration.ZERO), 3, NOW.plusSeconds(3600), "exited with code 1"));
        assertThat(plan()).singleElement().isInstanceOf(Step.Start.class);
    }

    @Test
    void restartsWhenAPersonAsks() {
        orders.add(new Order.Run(Specs.id(1), 1, Specs.allocation(1, RestartPolicy.NEVER)));
        remember(running(1, 1));
        found(1, 1, null);
        compare("restart-wished-running");
        containers.clear();
        states.clear();
        remember(running(1, 1).stopping("restart was asked for"));
        found(1, 1, exit(143, Duration.ofSeconds(5)));
        compare("restart-wished-ended");
    }

    @Test
    void stopsAndRemovesAsOrdered() {
        orders.add(new Order.Stop(Specs.id(1)));
        remember(running(1, 1));
        found(1, 1, null);
        orders.add(new Order.Remove(Specs.id(2)));
        remember(running(2, 1));
        found(2, 1, null);
        orders.add(new Order.Remove(Specs.id(3)));
        remember(running(3, 1).stopping("stop was asked for"));
        found(3, 1, exit(143, Duration.ofSeconds(5)));
        orders.add(new Order.Remove(Specs.id(4)));
        orders.add(new Order.Stop(Specs.id(5)));
        remember(running(5, 2).backoff(exit(1, Duration.ZERO), 1, NOW.plusSeconds(1), "exited with code 1"));
        compare("stop-and-remove");
    }

    @Test
    void asksNothingMoreOfWhatIsGone() {
        orders.add(new Order.Remove(Specs.id(1)));
        remember(running(1, 1)
                .ended(AllocStatus.STOPPED, exit(0, Duration.ZERO), null)
                .gone());
        orders.add(new Order.Stop(Specs.id(2)));
        remember(running(2, 1).ended(AllocStatus.STOPPED, exit(0, Duration.ZERO), null));
        orders.add(new Order.Run(Specs.id(3), 0, Specs.allocation(3, RestartPolicy.NEVER)));
        remember(running(3, 1).ended(AllocStatus.COMPLETED, exit(0, Duration.ZERO), null));
        assertThat(plan()).isEmpty();
    }

    @Test
    void keepsTheTrueEndOfAJobThatFinishedJustBeforeTheStop() {
        orders.add(new Order.Stop(Specs.id(1)));
        remember(running(1, 1, RestartPolicy.NEVER));
        found(1, 1, exit(0, Duration.ofSeconds(5)));
        compare("stop-after-completion");
    }

    @Test
    void forgetsWhatIsGoneOnceItIsNoLongerNamed() {
        remember(running(1, 1)
                .ended(AllocStatus.STOPPED, exit(0, Duration.ZERO), null)
                .gone());
        assertThat(plan()).containsExactly(new Step.Forget(Specs.id(1)));
    }

    @Test
    void quarantinesWhatIsNamedNowhereAndNeverStopsIt() {
        found(1, 1, null);
        remember(running(2, 1));
        found(2, 1, null);
        found(3, 1, exit(0, Duration.ofSeconds(5)));
        compare("quarantine");
    }

    @Test
    void neverInventsAnExitCode() {
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 1));
        run(2, RestartPolicy.NEVER);
        remember(inBoot("boot-0", starting(2, 1, RestartPolicy.NEVER)));
        compare("vanished");
    }

    @Test
    void tellsARestoredDatabaseWhatItHasForgotten() {
        incarnation = 2;
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 1));
        found(1, 1, null);
        orders.add(new Order.Remove(Specs.id(2)));
        remember(running(2, 1)
                .ended(AllocStatus.STOPPED, exit(0, Duration.ZERO), null)
                .gone());
        compare("new-incarnation");
    }

    @Test
    void endsAnAttemptThatANewerOneHasReplaced() {
        run(1, RestartPolicy.ALWAYS);
        remember(running(1, 2));
        found(1, 1, null);
        found(1, 2, null);
        compare("two-attempts");
    }

    private void run(int number, RestartPolicy restart) {
        orders.add(new Order.Run(Specs.id(number), 0, Specs.allocation(number, restart)));
    }

    private void remember(AllocationState state) {
        states.put(state.allocationId(), state);
    }

    private void found(int number, int attempt, @Nullable Exit exit) {
        ContainerId id = new ContainerId(Specs.id(number), attempt);
        containers.add(new ObservedContainer(id, NOW.minusSeconds(60), PORTS, "10.1.0.2", exit));
    }

    private static Exit exit(int code, Duration ran) {
        return new Exit(code, false, NOW, ran);
    }

    private static AllocationState running(int number, int attempt) {
        return running(number, attempt, RestartPolicy.ALWAYS);
    }

    private static AllocationState running(int number, int attempt, RestartPolicy restart) {
        return starting(number, attempt, restart).running(PORTS, "10.1.0.2");
    }

    private static AllocationState starting(int number, int attempt) {
        return starting(number, attempt, RestartPolicy.ALWAYS);
    }

    private static AllocationState starting(int number, int attempt, RestartPolicy restart) {
        return AllocationState.fresh(Specs.id(number), Specs.allocation(number, restart), 1)
                .starting(attempt, 0, BOOT);
    }

    private static AllocationState inBoot(String boot, AllocationState state) {
        return state.starting(state.attempt(), state.restarts(), boot);
    }

    private List<Step> plan() {
        Observed observed = new Observed(BOOT, imagePresent ? Set.of(Specs.DIGEST) : Set.of(), states, containers);
        return Planner.plan(new NodeSpec(incarnation, 7, orders), observed, NOW);
    }

    private void compare(String name) {
        StringBuilder text = new StringBuilder();
        plan().forEach(step -> text.append(render(step)).append('\n'));
        assertThat(text.toString()).as(name).isEqualTo(golden(name));
    }

    private static String golden(String name) {
        try (InputStream in = PlannerTest.class.getResourceAsStream("/plan/" + name + ".txt")) {
            return in == null ? "(there is no such file)" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String render(Step step) {
        String head = Integer.parseInt(step.allocationId().toString().substring(24)) + ": ";
        return head
                + switch (step) {
                    case Step.Pull pull -> "pull " + pull.image() + " | " + render(pull.next());
                    case Step.Start start ->
                        "start attempt " + start.container().attempt() + " | " + render(start.next());
                    case Step.Stop stop ->
                        "stop attempt " + stop.container().attempt() + ", grace " + stop.grace() + " | "
                                + render(stop.next());
                    case Step.Report report -> "report | " + render(report.next());
                    case Step.Discard discard ->
                        "discard attempt " + discard.container().attempt();
                    case Step.Remove remove -> "remove | " + render(remove.next());
                    case Step.Forget _ -> "forget";
                    case Step.Wait wait -> "wait until " + wait.until();
                    case Step.Quarantine quarantine ->
                        "quarantine attempt " + quarantine.container().attempt();
                };
    }

    private static String render(AllocationState state) {
        StringBuilder text = new StringBuilder(state.status().word() + " attempt " + state.attempt());
        if (state.restarts() > 0) {
            text.append(", restarts ").append(state.restarts());
        }
        if (state.exit() != null) {
            text.append(
                    state.exit().code() == null
                            ? ", exit unknown"
                            : ", exit " + state.exit().code());
        }
        if (state.retryAt() != null) {
            text.append(", again at ").append(state.retryAt());
        }
        if (!state.ports().isEmpty()) {
            text.append(", port ").append(state.ports().getFirst().host());
        }
        if (state.incarnation() != 1) {
            text.append(", incarnation ").append(state.incarnation());
        }
        if (state.reason() != null) {
            text.append(", because ").append(state.reason());
        }
        return text.append(state.removed() ? ", gone" : "").toString();
    }
}
