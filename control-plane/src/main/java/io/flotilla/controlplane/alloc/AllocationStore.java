package io.flotilla.controlplane.alloc;

import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Size;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.PortMapping;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL that reads allocations and their events. */
@Repository
class AllocationStore {

    private static final String SELECT = """
        SELECT a.*, w.name AS workload, w.team_id, t.name AS team, n.name AS node,
          n.lost_at IS NOT NULL AS node_lost, r.spec->'ports' AS asked
        FROM allocations a
          JOIN workloads w ON w.id = a.workload_id
          JOIN teams t ON t.id = w.team_id
          JOIN revisions r ON r.workload_id = a.workload_id AND r.number = a.revision
          LEFT JOIN nodes n ON n.id = a.node_id
        """;

    private final JdbcClient jdbc;

    AllocationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<AllocationView> find(UUID id) {
        return jdbc.sql(SELECT + " WHERE a.id = :id")
                .param("id", id)
                .query(AllocationStore::view)
                .optional();
    }

    /** In the order in which they were made. */
    List<AllocationView> list(
            @Nullable Collection<UUID> teams,
            @Nullable UUID workload,
            @Nullable UUID node,
            @Nullable UUID after,
            int limit) {
        return jdbc.sql(SELECT + """
            WHERE NOT a.removed
              AND (:teams::uuid[] IS NULL OR w.team_id = ANY(:teams::uuid[]))
              AND (:workload::uuid IS NULL OR a.workload_id = :workload::uuid)
              AND (:node::uuid IS NULL OR a.node_id = :node::uuid)
              AND (:after::uuid IS NULL OR a.id < :after::uuid)
            ORDER BY a.id DESC LIMIT :limit\
            """)
                .param("teams", teams == null ? null : teams.toArray(UUID[]::new))
                .param("workload", workload)
                .param("node", node)
                .param("after", after)
                .param("limit", limit)
                .query(AllocationStore::view)
                .list();
    }

    Optional<UUID> team(UUID id) {
        return jdbc.sql("SELECT w.team_id FROM allocations a JOIN workloads w ON w.id = a.workload_id WHERE a.id = :id")
                .param("id", id)
                .query(UUID.class)
                .optional();
    }

    List<AllocationEvent> events(@Nullable UUID workload, @Nullable UUID allocation, int limit) {
        return jdbc.sql("""
            SELECT e.*, a.replica, n.name AS node FROM allocation_events e
              JOIN allocations a ON a.id = e.allocation_id JOIN nodes n ON n.id = e.node_id
            WHERE (:workload::uuid IS NULL OR a.workload_id = :workload::uuid)
              AND (:allocation::uuid IS NULL OR a.id = :allocation::uuid)
            ORDER BY e.at DESC, e.seq DESC LIMIT :limit\
            """)
                .param("workload", workload)
                .param("allocation", allocation)
                .param("limit", limit)
                .query((row, number) -> new AllocationEvent(
                        row.getObject("allocation_id", UUID.class),
                        row.getInt("replica"),
                        row.getLong("seq"),
                        row.getString("node"),
                        Objects.requireNonNull(instant(row, "at")),
                        row.getInt("attempt"),
                        AllocStatus.of(row.getString("status")),
                        row.getObject("exit_code", Integer.class),
                        row.getBoolean("exit_unknown"),
                        row.getBoolean("oom_killed"),
                        row.getString("reason")))
                .list();
    }

    private static AllocationView view(ResultSet row, int number) throws SQLException {
        List<PortMapping> reported = ports(row.getString("ports"));
        return new AllocationView(
                row.getObject("id", UUID.class),
                row.getObject("workload_id", UUID.class),
                row.getString("workload"),
                row.getObject("team_id", UUID.class),
                row.getString("team"),
                row.getInt("revision"),
                row.getInt("replica"),
                row.getObject("node_id", UUID.class),
                row.getString("node"),
                row.getBoolean("node_lost"),
                AllocStatus.of(row.getString("status")),
                Order.of(row.getString("node_order")),
                row.getInt("attempt"),
                row.getObject("exit_code", Integer.class),
                row.getBoolean("exit_unknown"),
                row.getBoolean("oom_killed"),
                row.getString("reason"),
                instant(row, "retry_at"),
                reported.isEmpty() ? ports(row.getString("asked")) : reported,
                row.getString("address"),
                new Size(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
                Arrays.asList(Codec.decode(row.getString("verdicts"), Verdict[].class)),
                row.getBoolean("ended"),
                Objects.requireNonNull(instant(row, "created_at")),
                Objects.requireNonNull(instant(row, "status_at")),
                instant(row, "running_at"),
                instant(row, "ended_at"));
    }

    private static List<PortMapping> ports(String json) {
        return Arrays.asList(Codec.decode(json, PortMapping[].class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
