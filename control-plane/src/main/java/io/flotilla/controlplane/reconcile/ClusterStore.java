package io.flotilla.controlplane.reconcile;

import io.flotilla.controlplane.node.Liveness;
import io.flotilla.controlplane.schedule.AllocationState;
import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.ClusterState;
import io.flotilla.controlplane.schedule.HostPort;
import io.flotilla.controlplane.schedule.Needs;
import io.flotilla.controlplane.schedule.NodeState;
import io.flotilla.controlplane.schedule.Size;
import io.flotilla.controlplane.schedule.WorkloadState;
import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.RestartPolicy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL that reads the state of the cluster as the scheduler sees it. */
@Repository
class ClusterStore {

    private final JdbcClient jdbc;
    private final Liveness liveness;

    ClusterStore(JdbcClient jdbc, Liveness liveness) {
        this.jdbc = jdbc;
        this.liveness = liveness;
    }

    /** Locks the row of a workload's team, first of all locks. */
    void lockTeamOf(UUID workload) {
        jdbc.sql("""
            SELECT t.id FROM teams t JOIN workloads w ON w.team_id = t.id WHERE w.id = :workload
            FOR NO KEY UPDATE OF t\
            """).param("workload", workload).query(UUID.class).optional();
    }

    @Nullable
    UUID team(UUID workload) {
        return jdbc.sql("SELECT team_id FROM workloads WHERE id = :id")
                .param("id", workload)
                .query(UUID.class)
                .optional()
                .orElse(null);
    }

    /** Locks every node's row, in the order of their ids; after the team's row. */
    void lockNodes() {
        jdbc.sql("SELECT id FROM nodes ORDER BY id FOR NO KEY UPDATE")
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
    }

    /** @param workload only this one and its allocations; null: all that is not settled */
    ClusterState state(@Nullable UUID workload) {
        return new ClusterState(nodes(), workloads(workload), allocations(workload));
    }

    List<NodeState> nodes() {
        Map<UUID, Map<HostPort, String>> ports = ports();
        return jdbc.sql("""
            SELECT * FROM nodes n WHERE revoked_at IS NULL
              OR EXISTS (SELECT 1 FROM allocations a WHERE a.node_id = n.id AND NOT a.removed)\
            """).query((row, number) -> node(row, ports)).list();
    }

    private NodeState node(ResultSet row, Map<UUID, Map<HostPort, String>> ports) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        Liveness.Silence silence = liveness.silence(id);
        return new NodeState(
                id,
                row.getString("name"),
                row.getString("arch"),
                silence.heard(),
                silence.duration(),
                row.getObject("lost_at") != null,
                row.getObject("revoked_at") != null,
                row.getObject("fenced_at") != null,
                row.getObject("cordoned_at") != null,
                row.getObject("draining_at") != null,
                strings(row.getString("labels")),
                new Size(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
                new Size(row.getLong("reserved_cpu_millis"), row.getLong("reserved_memory_bytes")),
                ports.getOrDefault(id, Map.of()));
    }

    private Map<UUID, Map<HostPort, String>> ports() {
        Map<UUID, Map<HostPort, String>> ports = new HashMap<>();
        jdbc.sql("""
            SELECT p.node_id, p.port, p.protocol, w.name FROM allocation_ports p
              JOIN allocations a ON a.id = p.allocation_id JOIN workloads w ON w.id = a.workload_id\
            """)
                .query((row, number) -> ports.computeIfAbsent(
                                row.getObject("node_id", UUID.class), id -> new HashMap<>())
                        .put(port(row.getInt("port"), row.getString("protocol")), row.getString("name")))
                .list();
        return ports;
    }

    private static HostPort port(int port, String protocol) {
        return new HostPort(port, PortMapping.Protocol.valueOf(protocol.toUpperCase(Locale.ROOT)));
    }

    private List<WorkloadState> workloads(@Nullable UUID only) {
        return jdbc.sql("""
            SELECT w.id, w.name, w.wanted, w.replicas, w.revision, w.run, r.cpu_millis, r.memory_bytes, r.spec
            FROM workloads w JOIN revisions r ON r.workload_id = w.id AND r.number = w.revision
            WHERE :only::uuid IS NULL OR w.id = :only::uuid\
            """)
                .param("only", only)
                .query((row, number) -> workload(row))
                .list();
    }

    private static WorkloadState workload(ResultSet row) throws SQLException {
        Placed placed = Codec.decode(row.getString("spec"), Placed.class);
        Needs needs = new Needs(
                new Size(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
                placed.fixedPorts(),
                placed.constraints(),
                placed.architectures());
        return new WorkloadState(
                row.getObject("id", UUID.class),
                row.getString("name"),
                Wanted.of(row.getString("wanted")),
                row.getInt("replicas"),
                row.getInt("revision"),
                row.getInt("run"),
                placed.singleton(),
                placed.restart(),
                needs);
    }

    /** What the scheduler needs of a revision's spec. */
    private record Placed(
            List<PortMapping> ports,
            Map<String, String> constraints,
            Set<String> architectures,
            boolean singleton,
            RestartPolicy restart) {

        List<HostPort> fixedPorts() {
            List<HostPort> fixed = new ArrayList<>();
            for (PortMapping port : ports) {
                Integer host = port.host();
                if (host != null) {
                    fixed.add(new HostPort(host, port.protocol()));
                }
            }
            return fixed;
        }
    }

    private List<AllocationState> allocations(@Nullable UUID workload) {
        return jdbc.sql("""
            SELECT a.*, r.spec->'ports' AS asked FROM allocations a
              JOIN revisions r ON r.workload_id = a.workload_id AND r.number = a.revision
            WHERE NOT a.removed AND (:only::uuid IS NULL OR a.workload_id = :only::uuid)\
            """)
                .param("only", workload)
                .query((row, number) -> allocation(row))
                .list();
    }

    private static AllocationState allocation(ResultSet row) throws SQLException {
        List<HostPort> fixed = new ArrayList<>();
        for (PortMapping port : Codec.decode(row.getString("asked"), PortMapping[].class)) {
            Integer host = port.host();
            if (host != null) {
                fixed.add(new HostPort(host, port.protocol()));
            }
        }
        return new AllocationState(
                row.getObject("id", UUID.class),
                row.getObject("workload_id", UUID.class),
                row.getInt("revision"),
                row.getInt("run"),
                row.getInt("replica"),
                row.getObject("node_id", UUID.class),
                AllocStatus.of(row.getString("status")),
                Order.of(row.getString("node_order")),
                row.getBoolean("ended"),
                new Size(row.getLong("cpu_millis"), row.getLong("memory_bytes")),
                fixed,
                row.getString("reason"));
    }

    @SuppressWarnings("unchecked") // The column is an object of strings by its comment.
    private static Map<String, String> strings(String json) {
        return Codec.decode(json, Map.class);
    }

    /** Jobs that still count in their team's reservation though every replica has ended for good. */
    List<UUID> settledJobs() {
        return jdbc.sql("""
            SELECT w.id FROM workloads w WHERE w.kind = 'job' AND w.reserves AND w.wanted = 'running'
              AND (SELECT count(DISTINCT a.replica) FROM allocations a WHERE a.workload_id = w.id AND a.run = w.run
                    AND a.revision = w.revision AND a.ended AND a.status IN ('completed', 'failed')) >= w.replicas
              AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.workload_id = w.id AND NOT a.ended)\
            """)
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Whether {@link #clean} would find something. */
    boolean unclean() {
        return jdbc.sql("""
            SELECT EXISTS (SELECT 1 FROM allocations WHERE removed)
              OR EXISTS (SELECT 1 FROM workloads w WHERE wanted = 'deleted'
                   AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.workload_id = w.id))\
            """).query(Boolean.class).single();
    }

    /** Deletes what the nodes have reported removed, and deleted workloads that are left without allocations. */
    void clean() {
        // Not those that a report is just being stored of: it may wait for another of these. The next sweep has them.
        jdbc.sql("""
            DELETE FROM allocations WHERE id IN (SELECT id FROM allocations WHERE removed FOR UPDATE SKIP LOCKED)\
            """).update();
        jdbc.sql("""
            DELETE FROM workloads w WHERE wanted = 'deleted'
              AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.workload_id = w.id)\
            """).update();
    }
}
