package io.flotilla.controlplane.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.fleet.Rest;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes workloads of its own until an answer stays out, and remembers what was acknowledged. Of the change without an
 * answer both outcomes are right; nothing in between is.
 */
final class Client {

    /** A workload as it must be, or (if the last answer stayed out) may be as well. */
    static final class Known {
        private int replicas;
        private boolean deleted;
        /** Acknowledged changes, which have one audit row each. */
        private int changes;
        /** Null, or what the change without an answer would have made. */
        private @Nullable Integer maybeReplicas;

        private boolean maybeDeleted;

        private boolean unsure() {
            return maybeDeleted || maybeReplicas != null;
        }
    }

    private final String name;
    private final Random random;
    private final Rest rest;
    private final Map<UUID, Known> workloads = new LinkedHashMap<>();
    private final List<String> maybeCreated = new ArrayList<>();
    private int count;
    private long acknowledged;

    Client(String name, long seed, Rest rest) {
        this.name = name;
        this.random = new Random(seed);
        this.rest = rest;
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Until it is over, or the first change whose outcome it does not get to know. */
    void work(BooleanSupplier over) {
        boolean sure = true;
        while (sure && !over.getAsBoolean()) {
            List<UUID> mine = workloads.entrySet().stream()
                    .filter(each -> !each.getValue().deleted)
                    .map(Map.Entry::getKey)
                    .toList();
            if (mine.size() < 2 || (mine.size() < 5 && random.nextInt(3) == 0)) {
                sure = create();
            } else {
                UUID one = mine.get(random.nextInt(mine.size()));
                sure = random.nextInt(3) == 0 ? delete(one) : scale(one);
            }
        }
    }

    private boolean create() {
        String called = name + "-" + ++count;
        int replicas = 1 + random.nextInt(3);
        Rest.Answer answer = ask(() -> rest.launch(
                called, Map.of("replicas", replicas, "team", "crew", "ports", List.of(Map.of("container", 80)))));
        if (answer == null) {
            maybeCreated.add(called);
            return false;
        }
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        Known known = new Known();
        known.replicas = replicas;
        known.changes = 1;
        workloads.put(UUID.fromString(answer.body().path("id").asString()), known);
        acknowledged++;
        return true;
    }

    private boolean scale(UUID id) {
        Known known = known(id);
        int replicas = random.nextInt(4);
        Rest.Answer answer = ask(() -> rest.post("/api/v1/workloads/" + id + "/scale", Map.of("replicas", replicas)));
        if (answer == null) {
            known.maybeReplicas = replicas;
            return false;
        }
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        known.replicas = replicas;
        known.changes++;
        acknowledged++;
        return true;
    }

    private boolean delete(UUID id) {
        Known known = known(id);
        Rest.Answer answer = ask(() -> rest.delete("/api/v1/workloads/" + id));
        if (answer == null) {
            known.maybeDeleted = true;
            return false;
        }
        assertThat(answer.status()).as("%s", answer).isEqualTo(204);
        known.deleted = true;
        known.changes++;
        acknowledged++;
        return true;
    }

    private Known known(UUID id) {
        return Objects.requireNonNull(workloads.get(id));
    }

    private interface Question {
        Rest.Answer ask();
    }

    /** Null if nobody knows whether it was done. */
    private static Rest.@Nullable Answer ask(Question question) {
        try {
            Rest.Answer answer = question.ask();
            return answer.status() >= 500 ? null : answer;
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    /** Compares what it knows with what is there, and learns how the change without an answer went. */
    void check(Ground ground) throws SQLException {
        for (Map.Entry<UUID, Known> each : workloads.entrySet()) {
            check(ground, each.getKey(), each.getValue());
        }
        for (String called : maybeCreated) {
            for (Ground.Row row : ground.named(called)) {
                Known known = new Known();
                known.replicas = row.replicas();
                known.changes = 1;
                workloads.put(row.id(), known);
                check(ground, row.id(), known);
            }
        }
        maybeCreated.clear();
    }

    private void check(Ground ground, UUID id, Known known) throws SQLException {
        Ground.Row row = ground.workload(id);
        boolean gone = row == null || row.wanted().equals("deleted");
        int rows = ground.accepted(id);
        if (known.unsure() && rows == known.changes + 1) {
            known.changes = rows;
            known.deleted |= known.maybeDeleted;
            known.replicas = known.maybeReplicas == null ? known.replicas : known.maybeReplicas;
        }
        known.maybeDeleted = false;
        known.maybeReplicas = null;
        assertThat(rows).as("audit rows of workload %s of %s", id, name).isEqualTo(known.changes);
        assertThat(gone).as("workload %s of %s is gone", id, name).isEqualTo(known.deleted);
        if (row != null && !gone) {
            assertThat(row.replicas()).as("replicas of %s of %s", id, name).isEqualTo(known.replicas);
        }
    }
}
