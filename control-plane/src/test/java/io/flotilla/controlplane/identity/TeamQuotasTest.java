package io.flotilla.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.controlplane.database.TestDatabase;
import io.flotilla.controlplane.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.DataIntegrityViolationException;

class TeamQuotasTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    private final TeamStore store = new TeamStore(database.jdbc());
    private final TeamQuotas quotas = new TeamQuotas(store);

    private UUID team(String name, Quota quota) {
        UUID id = database.ids().next();
        assertThat(store.insert(id, name, quota, Instant.now())).isTrue();
        return id;
    }

    @Test
    void letsExactlyTenOfFiftyParallelReservationsIn() throws Exception {
        UUID team = team("parallel", new Quota(null, null, 10L, null));
        List<Future<Boolean>> tries = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                tries.add(threads.submit(() -> reserves(team)));
            }
        }
        int accepted = 0;
        for (Future<Boolean> one : tries) {
            accepted += one.get() ? 1 : 0;
        }

        assertThat(accepted).isEqualTo(10);
        assertThat(store.find(team).orElseThrow().reserved().replicas()).isEqualTo(10);
    }

    private boolean reserves(UUID team) {
        try {
            database.transactions().run(() -> {
                quotas.reserve(team, new Usage(100, 1 << 20, 1, 0));
                database.audit()
                        .record(
                                database.admin(),
                                "workload.create",
                                io.flotilla.controlplane.audit.Target.of("workload", UUID.randomUUID(), "w"),
                                null,
                                null);
            });
            return true;
        } catch (ProblemException e) {
            assertThat(e.detail()).contains("quota of replicas");
            return false;
        }
    }

    @Test
    void saysWhichDimensionIsShortAndHowMuchIsLeft() {
        UUID team = team("short", new Quota(2000L, 1L << 30, null, null));
        database.transactions().run(() -> quotas.reserve(team, new Usage(1500, 512L << 20, 3, 0)));

        assertThatThrownBy(() -> database.transactions().run(() -> quotas.reserve(team, new Usage(750, 0, 1, 0))))
                .hasMessage(
                        "the team's quota of CPU does not have room: 0.75 cores more are needed, 0.5 of 2 are left");
        assertThatThrownBy(() -> database.transactions().run(() -> quotas.reserve(team, new Usage(0, 1L << 30, 1, 0))))
                .hasMessageContaining("1024 MiB more are needed, 512 of 1024 are left");
    }

    @Test
    void givesBackWhatWasReserved() {
        UUID team = team("back", new Quota(null, null, 1L, null));
        Usage one = new Usage(100, 100, 1, 1);
        database.transactions().run(() -> quotas.reserve(team, one));
        database.transactions().run(() -> quotas.reserve(team, one.negated()));

        assertThat(store.find(team).orElseThrow().reserved()).isEqualTo(Usage.NONE);
    }

    @Test
    void isBackedByTheDatabaseWhateverTheCodeDoes() {
        UUID team = team("checked", new Quota(null, null, 1L, null));

        assertThatThrownBy(() -> store.reserve(team, new Usage(0, 0, 2, 0)))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("teams_quota_replicas");
        assertThatThrownBy(() -> store.reserve(team, new Usage(0, 0, -1, 0)))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("teams_reserved_replicas_positive");
    }
}
