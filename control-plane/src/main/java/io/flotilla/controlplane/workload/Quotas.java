package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.Amounts;
import io.flotilla.controlplane.workload.LaunchPreview.QuotaRow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keeps a team's reservations. They are summed up anew under the team's lock at every change rather than moved by
 * differences, so that they cannot drift.
 */
@Component
class Quotas {

    private final WorkloadStore store;

    Quotas(WorkloadStore store) {
        this.store = store;
    }

    /**
     * In the transaction that holds the team's lock, after the change was written. What shrinks is always let through, even
     * where a lowered quota is still exceeded.
     *
     * @throws ProblemException naming the dimension and what is left of it
     */
    void reserve(UUID teamId) {
        WorkloadStore.Team team =
                store.team(teamId).orElseThrow(() -> ProblemException.notFound("team", teamId.toString()));
        WorkloadStore.Usage wanted = store.usage(teamId);
        WorkloadStore.Usage reserved = store.reserved(teamId);
        String refusal = refusal(team, reserved, wanted);
        if (refusal != null) {
            throw ProblemException.quota(field(team, reserved, wanted), refusal);
        }
        store.reserve(teamId, wanted);
    }

    private static @Nullable String refusal(
            WorkloadStore.Team team, WorkloadStore.Usage reserved, WorkloadStore.Usage wanted) {
        for (QuotaRow row : rows(team, reserved, wanted)) {
            if (row.more() > 0 && row.left() < 0) {
                long left = Math.max(0, row.limit() - row.used());
                return "The quota of team " + team.name() + " leaves " + amount(row.dimension(), left) + " of "
                        + amount(row.dimension(), row.limit()) + ", " + amount(row.dimension(), row.more())
                        + " more asked for";
            }
        }
        return null;
    }

    private static String field(WorkloadStore.Team team, WorkloadStore.Usage reserved, WorkloadStore.Usage wanted) {
        for (QuotaRow row : rows(team, reserved, wanted)) {
            if (row.more() > 0 && row.left() < 0) {
                return switch (row.dimension()) {
                    case "cpu" -> "resources.cpu";
                    case "memory" -> "resources.memory";
                    default -> row.dimension();
                };
            }
        }
        return "team";
    }

    private static String amount(String dimension, long amount) {
        return switch (dimension) {
            case "cpu" -> Amounts.cores(amount);
            case "memory" -> Amounts.bytes(amount) + " of memory";
            case "ports" -> amount + (amount == 1 ? " published port" : " published ports");
            default -> amount + (amount == 1 ? " replica" : " replicas");
        };
    }

    /** One row for each dimension that has a bound. */
    static List<QuotaRow> rows(WorkloadStore.Team team, WorkloadStore.Usage reserved, WorkloadStore.Usage wanted) {
        List<QuotaRow> rows = new ArrayList<>();
        row(rows, "cpu", reserved.cpuMillis(), wanted.cpuMillis(), team.cpuMillis());
        row(rows, "memory", reserved.memoryBytes(), wanted.memoryBytes(), team.memoryBytes());
        row(rows, "replicas", reserved.replicas(), wanted.replicas(), team.replicas());
        row(rows, "ports", reserved.ports(), wanted.ports(), team.ports());
        return rows;
    }

    private static void row(List<QuotaRow> rows, String dimension, long used, long wanted, @Nullable Long limit) {
        if (limit != null) {
            rows.add(new QuotaRow(dimension, used, wanted - used, limit));
        }
    }

    /** As {@link #rows}, for what the team would reserve in all. */
    List<QuotaRow> preview(UUID teamId, WorkloadStore.Usage wanted) {
        WorkloadStore.Team team =
                store.team(teamId).orElseThrow(() -> ProblemException.notFound("team", teamId.toString()));
        return rows(team, store.reserved(teamId), wanted);
    }

    /** Null, or why so much in all would be refused. */
    @Nullable
    String refusal(UUID teamId, WorkloadStore.Usage wanted) {
        WorkloadStore.Team team =
                store.team(teamId).orElseThrow(() -> ProblemException.notFound("team", teamId.toString()));
        return refusal(team, store.reserved(teamId), wanted);
    }
}
