package io.flotilla.controlplane.ui.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Size;
import io.flotilla.protocol.AllocStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExitsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T14:32:07Z");
    private static final UUID ID = UUID.fromString("0199a3c2-0000-7000-8000-000000000001");

    @Test
    void saysTheLastCodeHowOftenAndWhenTheNextTryComes() {
        Exits exits =
                Exits.of(List.of(backoff(1, 5, 3, false, NOW.plusSeconds(16)))).orElseThrow();
        assertThat(exits.title()).isEqualTo("It keeps exiting, last with exit code 3.");
        assertThat(exits.text(NOW)).isEqualTo("Replica 1 has exited 5 times. The next try comes in 16 s.");
    }

    @Test
    void speaksOfTheReplicaThatExitedMostAndCountsTheOthers() {
        Exits exits = Exits.of(List.of(
                        backoff(1, 2, 3, false, NOW.plusSeconds(2)),
                        backoff(2, 7, 0, false, NOW.plusSeconds(64)),
                        of(3, AllocStatus.RUNNING, 9, null, false, false, null),
                        backoff(4, 3, 3, false, NOW.plusSeconds(4))))
                .orElseThrow();
        assertThat(exits.title()).isEqualTo("It keeps exiting, last with exit code 0.");
        assertThat(exits.text(NOW))
                .isEqualTo("Replica 2 has exited 7 times, and 2 other replicas do the same."
                        + " The next try comes in 1 min.");
    }

    @Test
    void anUnknownExitIsNotGivenACode() {
        Exits exits = Exits.of(List.of(backoff(1, 2, null, false, NOW))).orElseThrow();
        assertThat(exits.title()).isEqualTo("It keeps exiting; the last exit code is unknown.");
        assertThat(exits.text(NOW)).endsWith("The next try is due.");
    }

    @Test
    void wantOfMemoryIsNamed() {
        assertThat(Exits.of(List.of(backoff(1, 2, 137, true, NOW)))
                        .orElseThrow()
                        .title())
                .isEqualTo("It keeps running out of memory.");
    }

    @Test
    void nothingIsSaidOfAFailedPull() {
        assertThat(Exits.of(List.of(of(1, AllocStatus.BACKOFF, 1, null, false, false, NOW))))
                .isEmpty();
    }

    private static AllocationView backoff(
            int replica, int attempt, @Nullable Integer code, boolean oom, Instant retryAt) {
        return of(replica, AllocStatus.BACKOFF, attempt, code, code == null, oom, retryAt);
    }

    private static AllocationView of(
            int replica,
            AllocStatus status,
            int attempt,
            @Nullable Integer code,
            boolean unknown,
            boolean oom,
            @Nullable Instant retryAt) {
        return new AllocationView(
                ID,
                ID,
                "hello",
                ID,
                "default",
                1,
                replica,
                ID,
                "vm",
                false,
                status,
                Order.RUN,
                attempt,
                code,
                unknown,
                oom,
                null,
                retryAt,
                List.of(),
                null,
                new Size(100, 1 << 20),
                List.of(),
                false,
                NOW,
                NOW,
                null,
                null);
    }
}
