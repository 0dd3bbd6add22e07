package io.flotilla.controlplane.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.database.EmbeddedCluster;
import io.flotilla.controlplane.fleet.FakeAgent;
import io.flotilla.controlplane.fleet.Rest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An acknowledged change survives any crash of anything. {@code -Dflotilla.test.crashes=N} for another number of crashes,
 * {@code -Dflotilla.test.seed=N} to choose the same changes and pauses again.
 */
class CrashTest {

    private static final int CRASHES = Integer.getInteger("flotilla.test.crashes", 5);
    private static final long SEED = Long.getLong("flotilla.test.seed", System.nanoTime());
    private static final int CLIENTS = 8;
    private static final int LONGEST_MILLIS = 1500;

    @TempDir
    private Path data;

    @Test
    void everyAcknowledgedChangeIsThereAndNoOtherIsHalfThere() throws Exception {
        EmbeddedCluster cluster = new EmbeddedCluster(data);
        List<FakeAgent> agents = new ArrayList<>();
        try (ControlPlaneProcess plane = new ControlPlaneProcess(data)) {
            plane.awaitReady();
            Rest rest = new Rest(plane.url(), plane.adminKey());
            rest.post("/api/v1/teams", Map.of("name", "crew", "quota", Map.of("replicas", 1000)));
            for (String name : List.of("bow", "stern")) {
                agents.add(FakeAgent.join(rest, plane.url(), name, 64_000, 64L << 30));
            }
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client("client" + i, SEED + i, rest));
            }
            Random random = new Random(SEED);
            for (int crash = 0; crash < CRASHES; crash++) {
                crash(plane, cluster, clients, random, crash);
                try (Ground ground = new Ground(cluster.connect())) {
                    ground.assertRulesHold();
                    for (Client client : clients) {
                        client.check(ground);
                    }
                }
                assertThat(rest.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                        .as("the audit log verifies, seed %s", SEED)
                        .isTrue();
            }
            assertThat(Files.readString(data.resolve("pg/postgresql.log")))
                    .as("what PostgreSQL complained of, seed %s", SEED)
                    .doesNotContain("deadlock detected");
            long acknowledged = clients.stream().mapToLong(Client::acknowledged).sum();
            assertThat(acknowledged).as("changes that were made, seed %s", SEED).isGreaterThan(10L * CRASHES);
            System.out.println(acknowledged + " acknowledged changes outlived " + CRASHES + " crashes, seed " + SEED);
        } finally {
            agents.forEach(FakeAgent::close);
            cluster.stop();
        }
    }

    /** Every second crash is of the database, too, or of the database alone. */
    private static void crash(
            ControlPlaneProcess plane, EmbeddedCluster cluster, List<Client> clients, Random random, int crash)
            throws Exception {
        List<Future<?>> work = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Client client : clients) {
                work.add(threads.submit(() -> client.work(over::get)));
            }
            // Not waiting for anything: the crash shall come at any moment.
            TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(LONGEST_MILLIS));
            boolean program = crash % 4 != 3;
            if (program) {
                plane.kill();
            }
            if (crash % 2 == 1) {
                cluster.kill();
            }
            over.set(true);
            if (program) {
                plane.start();
            }
        }
        for (Future<?> each : work) {
            each.get();
        }
        plane.awaitReady();
    }
}
