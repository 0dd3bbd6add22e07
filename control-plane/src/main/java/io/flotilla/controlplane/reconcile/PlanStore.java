package io.flotilla.controlplane.reconcile;

import io.flotilla.controlplane.id.Ids;
import io.flotilla.controlplane.schedule.ClusterState;
import io.flotilla.controlplane.schedule.HostPort;
import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.controlplane.schedule.Verdict;
import io.flotilla.controlplane.schedule.WorkloadState;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.Codec;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL that carries out the scheduler's steps; the caller holds the locks of the team and the nodes. */
@Repository
class PlanStore {

    private final JdbcClient jdbc;
    private final Ids ids;

    PlanStore(JdbcClient jdbc, Ids ids) {
        this.jdbc = jdbc;
        this.ids = ids;
    }

    void carryOut(Step step, ClusterState state) {
        switch (step) {
            case Step.NodeLost lost -> lost(lost.nodeId());
            case Step.NodeBack back -> back(back.nodeId());
            case Step.Create create -> create(create, workload(state, create.workloadId()));
            case Step.Place place -> place(place, state);
            case Step.Explain explain -> explain(explain);
            case Step.Stop stop -> stop(stop);
            case Step.Lose lose -> lose(lose);
            case Step.Remove remove -> remove(remove.allocationId());
        }
    }

    private static WorkloadState workload(ClusterState state, UUID id) {
        return state.workloads().stream()
                .filter(workload -> workload.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void lost(UUID node) {
        jdbc.sql("UPDATE nodes SET lost_at = now() WHERE id = :id AND lost_at IS NULL")
                .param("id", node)
                .update();
    }

    private void back(UUID node) {
        jdbc.sql("UPDATE nodes SET lost_at = NULL WHERE id = :id")
                .param("id", node)
                .update();
    }

    private void create(Step.Create create, WorkloadState workload) {
        UUID id = ids.next();
        AllocStatus status = create.nodeId() == null ? AllocStatus.PENDING : AllocStatus.PLACED;
        jdbc.sql("""
            INSERT INTO allocations (id, workload_id, revision, run, replica, node_id, node_order, status, reason,
              verdicts, cpu_millis, memory_bytes, created_at, status_at)
            VALUES (:id, :workload, :revision, :run, :replica, :node, 'run', :status, :reason,
              :verdicts::jsonb, :cpu, :memory, now(), now())\
            """)
                .param("id", id)
                .param("workload", workload.id())
                .param("revision", workload.revision())
                .param("run", workload.run())
                .param("replica", create.replica())
                .param("node", create.nodeId())
                .param("status", status.word())
                .param("reason", create.reason())
                .param("verdicts", verdicts(create.verdicts()))
                .param("cpu", workload.needs().size().cpuMillis())
                .param("memory", workload.needs().size().memoryBytes())
                .update();
        takePorts(id, create.nodeId(), workload);
    }

    private void place(Step.Place place, ClusterState state) {
        jdbc.sql("""
            UPDATE allocations SET node_id = :node, status = 'placed', status_at = now(), reason = :reason,
              verdicts = :verdicts::jsonb WHERE id = :id AND node_id IS NULL AND status = 'pending'\
            """)
                .param("id", place.allocationId())
                .param("node", place.nodeId())
                .param("reason", place.reason())
                .param("verdicts", verdicts(place.verdicts()))
                .update();
        UUID workload = state.allocations().stream()
                .filter(allocation -> allocation.id().equals(place.allocationId()))
                .findFirst()
                .orElseThrow()
                .workloadId();
        takePorts(place.allocationId(), place.nodeId(), workload(state, workload));
    }

    private void takePorts(UUID allocation, @Nullable UUID node, WorkloadState workload) {
        if (node == null) {
            return;
        }
        for (HostPort port : workload.needs().ports()) {
            jdbc.sql("""
                INSERT INTO allocation_ports (node_id, port, protocol, allocation_id)
                VALUES (:node, :port, :protocol, :allocation)\
                """)
                    .param("node", node)
                    .param("port", port.port())
                    .param("protocol", port.protocol().word())
                    .param("allocation", allocation)
                    .update();
        }
    }

    private void explain(Step.Explain explain) {
        jdbc.sql("UPDATE allocations SET reason = :reason, verdicts = :verdicts::jsonb WHERE id = :id")
                .param("id", explain.allocationId())
                .param("reason", explain.reason())
                .param("verdicts", verdicts(explain.verdicts()))
                .update();
    }

    /** One without a node ends at once; one with a node goes on until the node says otherwise. */
    private void stop(Step.Stop stop) {
        jdbc.sql("""
            UPDATE allocations SET node_order = 'stop', reason = :reason,
              status = CASE WHEN node_id IS NULL THEN 'stopped' ELSE status END,
              status_at = CASE WHEN node_id IS NULL THEN now() ELSE status_at END,
              ended = ended OR node_id IS NULL,
              ended_at = CASE WHEN node_id IS NULL THEN coalesce(ended_at, now()) ELSE ended_at END
            WHERE id = :id AND node_order = 'run'\
            """)
                .param("id", stop.allocationId())
                .param("reason", stop.reason())
                .update();
    }

    /** It holds its reservation until its node reports the end, or an operator has confirmed the node dead. */
    private void lose(Step.Lose lose) {
        jdbc.sql("""
            UPDATE allocations a SET node_order = 'stop', status = 'lost', status_at = now(), reason = :reason,
              exit_unknown = (a.exit_code IS NULL),
              ended = a.ended OR n.fenced_at IS NOT NULL,
              ended_at = CASE WHEN n.fenced_at IS NOT NULL THEN coalesce(a.ended_at, now()) ELSE a.ended_at END
            FROM nodes n WHERE n.id = a.node_id AND a.id = :id
              AND a.status NOT IN ('completed', 'stopped', 'failed', 'lost')\
            """)
                .param("id", lose.allocationId())
                .param("reason", lose.reason())
                .update();
    }

    private void remove(UUID id) {
        jdbc.sql("""
            UPDATE allocations SET node_order = 'remove',
              status = CASE WHEN status = 'pending' THEN 'stopped' ELSE status END,
              ended = ended OR node_id IS NULL, removed = removed OR node_id IS NULL WHERE id = :id\
            """).param("id", id).update();
    }

    private static String verdicts(List<Verdict> verdicts) {
        return Codec.encode(verdicts);
    }

    /** Adds what people asked for on top of the plan: one more restart of everything that lives. */
    int restart(UUID workload) {
        return jdbc.sql("""
            UPDATE allocations SET restarts = restarts + 1 WHERE workload_id = :workload AND node_order = 'run'
              AND node_id IS NOT NULL AND status NOT IN ('completed', 'stopped', 'failed', 'lost')\
            """).param("workload", workload).update();
    }

    /** Nodes that cannot report any more, but of which reports are still awaited. */
    List<UUID> deadNodes() {
        return jdbc.sql("""
            SELECT n.id FROM nodes n WHERE (n.fenced_at IS NOT NULL OR n.revoked_at IS NOT NULL)
              AND EXISTS (SELECT 1 FROM allocations a WHERE a.node_id = n.id AND NOT a.removed
                AND (a.node_order = 'remove' OR (n.fenced_at IS NOT NULL AND a.node_order = 'stop' AND NOT a.ended)))
            ORDER BY n.id\
            """)
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
    }

    void lockNode(UUID node) {
        jdbc.sql("SELECT id FROM nodes WHERE id = :id FOR NO KEY UPDATE")
                .param("id", node)
                .query(UUID.class)
                .optional();
    }

    /** Takes as reported what such a node would report: the operator's word stands for its own. */
    void endOnDeadNode(UUID node) {
        jdbc.sql("""
            UPDATE allocations a SET ended = true, ended_at = coalesce(a.ended_at, now()),
              removed = (a.node_order = 'remove'),
              exit_unknown = a.exit_unknown OR (a.exit_code IS NULL AND a.attempt > 0),
              status = CASE WHEN a.status IN ('completed', 'stopped', 'failed', 'lost') THEN a.status ELSE 'lost' END
            FROM nodes n WHERE n.id = a.node_id AND n.id = :node AND NOT a.removed
              AND (a.node_order = 'remove' OR (n.fenced_at IS NOT NULL AND a.node_order = 'stop' AND NOT a.ended))\
            """).param("node", node).update();
    }

    void nodeEvent(UUID node, String kind, String detail) {
        jdbc.sql("INSERT INTO node_events (id, node_id, at, kind, detail) VALUES (:id, :node, now(), :kind, :detail)")
                .param("id", ids.next())
                .param("node", node)
                .param("kind", kind)
                .param("detail", detail)
                .update();
    }
}
