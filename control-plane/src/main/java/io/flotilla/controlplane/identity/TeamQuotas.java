package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.problem.ProblemException;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Reserves what a team's workloads desire. Its row is the first lock of every such mutation. */
@Service
public class TeamQuotas {

    private static final double MILLIS = 1000.0;
    private static final double MEBIBYTE = 1024.0 * 1024.0;

    private final TeamStore store;

    TeamQuotas(TeamStore store) {
        this.store = store;
    }

    /**
     * Locks the team's row until the running transaction ends and tells what is reserved.
     *
     * @throws ProblemException 404 if the team has gone
     */
    public Team lock(UUID team) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("a team is locked within a transaction");
        }
        return store.lock(team).orElseThrow(() -> ProblemException.notFound("team", team.toString()));
    }

    /**
     * Locks the team's row and adds to what is reserved; negative numbers give back.
     *
     * @throws ProblemException 422 naming the dimension, what was asked and what is left
     */
    public void reserve(UUID team, Usage delta) {
        Team locked = lock(team);
        check(locked.quota(), locked.reserved(), delta);
        store.reserve(team, delta);
    }

    /**
     * What {@link #reserve} would refuse, without locking: for previews.
     *
     * @throws ProblemException as {@link #reserve}
     */
    public static void check(Quota quota, Usage reserved, Usage delta) {
        room("resources.cpu", "CPU", quota.cpuMillis(), reserved.cpuMillis(), delta.cpuMillis(), MILLIS, "cores");
        room(
                "resources.memory",
                "memory",
                quota.memoryBytes(),
                reserved.memoryBytes(),
                delta.memoryBytes(),
                MEBIBYTE,
                "MiB");
        room("replicas", "replicas", quota.replicas(), reserved.replicas(), delta.replicas(), 1, "replicas");
        room("ports", "published ports", quota.ports(), reserved.ports(), delta.ports(), 1, "ports");
    }

    private static void room(
            String field, String dimension, @Nullable Long bound, long reserved, long asked, double unit, String word) {
        if (bound != null && asked > 0 && asked > bound - reserved) {
            throw ProblemException.quota(
                    field,
                    "the team's quota of %s does not have room: %s %s more are needed, %s of %s are left"
                            .formatted(
                                    dimension,
                                    number(asked / unit),
                                    word,
                                    number(Math.max(0, bound - reserved) / unit),
                                    number(bound / unit)));
        }
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
