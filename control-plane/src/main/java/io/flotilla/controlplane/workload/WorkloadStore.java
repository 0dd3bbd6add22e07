package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.controlplane.workload.WorkloadView.Status;
import io.flotilla.protocol.Codec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of workloads and their revisions. */
@Repository
class WorkloadStore {

    /** A team with what its quota allows; null is without bound. */
    record Team(
            UUID id,
            String name,
            @Nullable Long cpuMillis,
            @Nullable Long memoryBytes,
            @Nullable Long replicas,
            @Nullable Long ports) {}

    /** What a team's workloads reserve. */
    record Usage(long cpuMillis, long memoryBytes, long replicas, long ports) {

        Usage plus(Usage more) {
            return new Usage(
                    cpuMillis + more.cpuMillis,
                    memoryBytes + more.memoryBytes,
                    replicas + more.replicas,
                    ports + more.ports);
        }
    }

    private static final String SELECT = """
        SELECT w.*, t.name AS team, r.spec, c.*,
          (SELECT a.reason FROM allocations a WHERE a.workload_id = w.id AND a.reason IS NOT NULL
             AND a.node_order = 'run' AND a.status NOT IN ('placed', 'pulling', 'starting', 'completed')
           ORDER BY a.status = 'pending' DESC, a.status_at DESC LIMIT 1) AS reason
        FROM workloads w
          JOIN teams t ON t.id = w.team_id
          JOIN revisions r ON r.workload_id = w.id AND r.number = w.revision
          CROSS JOIN LATERAL (SELECT
              count(*) FILTER (WHERE a.status = 'running' AND NOT a.ended AND n.lost_at IS NULL) AS running,
              count(*) FILTER (WHERE NOT a.ended AND a.node_id IS NOT NULL) AS alive,
              count(*) FILTER (WHERE a.status = 'backoff' AND (a.exit_code IS NOT NULL OR a.exit_unknown)
                AND a.retry_at > a.status_at + interval '1500 milliseconds') AS failing,
              count(*) FILTER (WHERE a.status IN ('placed', 'pulling', 'starting', 'backoff')) AS coming,
              count(*) FILTER (WHERE a.status = 'failed' AND a.run = w.run AND a.revision = w.revision
                AND a.node_order = 'run') AS failed,
              count(DISTINCT a.replica) FILTER (WHERE a.status = 'completed' AND a.run = w.run
                AND a.revision = w.revision) AS completed
            FROM allocations a LEFT JOIN nodes n ON n.id = a.node_id
            WHERE a.workload_id = w.id AND NOT a.removed) c
        """;

    private final JdbcClient jdbc;

    WorkloadStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<UUID> teamByName(String name) {
        return jdbc.sql("SELECT id FROM teams WHERE name = :name")
                .param("name", name)
                .query(UUID.class)
                .optional();
    }

    /** The first lock of every mutation. */
    Optional<Team> lockTeam(UUID id) {
        return team(id, " FOR NO KEY UPDATE");
    }

    Optional<Team> team(UUID id) {
        return team(id, "");
    }

    private Optional<Team> team(UUID id, String lock) {
        return jdbc.sql("""
            SELECT id, name, quota_cpu_millis, quota_memory_bytes, quota_replicas, quota_ports
            FROM teams WHERE id = :id\
            """ + lock)
                .param("id", id)
                .query((row, number) -> new Team(
                        id,
                        row.getString("name"),
                        row.getObject("quota_cpu_millis", Long.class),
                        row.getObject("quota_memory_bytes", Long.class),
                        row.getObject("quota_replicas", Long.class),
                        row.getObject("quota_ports", Long.class)))
                .optional();
    }

    /** The sum over the team's workloads as they stand in this transaction. */
    Usage usage(UUID team) {
        return usage(team, null);
    }

    /** As above, but for one workload. */
    Usage usage(UUID team, @Nullable UUID except) {
        return jdbc.sql("""
            SELECT coalesce(sum(w.replicas * r.cpu_millis), 0), coalesce(sum(w.replicas * r.memory_bytes), 0),
              coalesce(sum(w.replicas), 0), coalesce(sum(w.replicas * r.ports), 0)
            FROM workloads w JOIN revisions r ON r.workload_id = w.id AND r.number = w.revision
            WHERE w.team_id = :team AND w.reserves AND w.id IS DISTINCT FROM :except::uuid\
            """)
                .param("team", team)
                .param("except", except)
                .query((row, number) -> new Usage(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .single();
    }

    /** What the team's row says. */
    Usage reserved(UUID team) {
        return jdbc.sql("""
            SELECT reserved_cpu_millis, reserved_memory_bytes, reserved_replicas, reserved_ports
            FROM teams WHERE id = :team\
            """)
                .param("team", team)
                .query((row, number) -> new Usage(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .single();
    }

    /** The CHECKs on the row have the last word. */
    void reserve(UUID team, Usage usage) {
        jdbc.sql("""
            UPDATE teams SET reserved_cpu_millis = :cpu, reserved_memory_bytes = :memory,
              reserved_replicas = :replicas, reserved_ports = :ports WHERE id = :team\
            """)
                .param("cpu", usage.cpuMillis())
                .param("memory", usage.memoryBytes())
                .param("replicas", usage.replicas())
                .param("ports", usage.ports())
                .param("team", team)
                .update();
    }

    boolean nameTaken(UUID team, String name) {
        return nameTaken(team, name, null);
    }

    /** Whether another workload than the given one has the name. */
    boolean nameTaken(UUID team, String name, @Nullable UUID except) {
        return jdbc.sql("""
            SELECT EXISTS (SELECT 1 FROM workloads WHERE team_id = :team AND name = :name AND wanted <> 'deleted'
              AND id IS DISTINCT FROM :except::uuid)\
            """)
                .param("team", team)
                .param("except", except)
                .param("name", name)
                .query(Boolean.class)
                .single();
    }

    void insert(UUID id, UUID team, String name, Kind kind, int replicas, String by) {
        jdbc.sql("""
            INSERT INTO workloads (id, team_id, name, kind, wanted, replicas, revision, reserves, created_at, created_by,
              changed_at)
            VALUES (:id, :team, :name, :kind, 'running', :replicas, 1, true, now(), :by, now())\
            """)
                .param("id", id)
                .param("team", team)
                .param("name", name)
                .param("kind", kind.word())
                .param("replicas", replicas)
                .param("by", by)
                .update();
    }

    void insertRevision(UUID workload, int number, RevisionSpec spec, String by) {
        jdbc.sql("""
            INSERT INTO revisions (workload_id, number, spec, cpu_millis, memory_bytes, ports, created_at, created_by)
            VALUES (:workload, :number, :spec::jsonb, :cpu, :memory, :ports, now(), :by)\
            """)
                .param("workload", workload)
                .param("number", number)
                .param("spec", Codec.encode(spec))
                .param("cpu", spec.resources().cpuMillis())
                .param("memory", spec.resources().memoryBytes())
                .param("ports", spec.ports().size())
                .param("by", by)
                .update();
    }

    /** Writes everything that a person may change. */
    void change(UUID id, Wanted wanted, int replicas, int revision, boolean nextRun, boolean reserves) {
        jdbc.sql("""
            UPDATE workloads SET wanted = :wanted, replicas = :replicas, revision = :revision,
              run = run + CASE WHEN :next THEN 1 ELSE 0 END, reserves = :reserves, changed_at = now() WHERE id = :id\
            """)
                .param("id", id)
                .param("wanted", wanted.word())
                .param("replicas", replicas)
                .param("revision", revision)
                .param("next", nextRun)
                .param("reserves", reserves)
                .update();
    }

    void settle(UUID id) {
        jdbc.sql("UPDATE workloads SET reserves = false WHERE id = :id")
                .param("id", id)
                .update();
    }

    Optional<UUID> teamOf(UUID id) {
        return jdbc.sql("SELECT team_id FROM workloads WHERE id = :id")
                .param("id", id)
                .query(UUID.class)
                .optional();
    }

    Optional<WorkloadView> find(UUID id) {
        return jdbc.sql(SELECT + " WHERE w.id = :id")
                .param("id", id)
                .query(WorkloadStore::view)
                .optional();
    }

    /** By id, thus in the order in which they were made. */
    List<WorkloadView> list(@Nullable Collection<UUID> teams, @Nullable UUID team, @Nullable UUID after, int limit) {
        return jdbc.sql(SELECT + """
            WHERE (:teams::uuid[] IS NULL OR w.team_id = ANY(:teams::uuid[]))
              AND (:team::uuid IS NULL OR w.team_id = :team::uuid)
              AND (:after::uuid IS NULL OR w.id > :after::uuid)
            ORDER BY w.id LIMIT :limit\
            """)
                .param("teams", teams == null ? null : teams.toArray(UUID[]::new))
                .param("team", team)
                .param("after", after)
                .param("limit", limit)
                .query(WorkloadStore::view)
                .list();
    }

    List<RevisionView> revisions(UUID workload) {
        return jdbc.sql("SELECT * FROM revisions WHERE workload_id = :workload ORDER BY number DESC")
                .param("workload", workload)
                .query((row, number) -> new RevisionView(
                        row.getInt("number"),
                        Codec.decode(row.getString("spec"), RevisionSpec.class),
                        instant(row, "created_at"),
                        row.getString("created_by")))
                .list();
    }

    private static WorkloadView view(ResultSet row, int number) throws SQLException {
        return new WorkloadView(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getObject("team_id", UUID.class),
                row.getString("team"),
                Kind.of(row.getString("kind")),
                Wanted.of(row.getString("wanted")),
                status(row),
                row.getInt("replicas"),
                row.getInt("running"),
                row.getString("reason"),
                row.getInt("revision"),
                Codec.decode(row.getString("spec"), RevisionSpec.class),
                instant(row, "created_at"),
                row.getString("created_by"),
                instant(row, "changed_at"));
    }

    private static Status status(ResultSet row) throws SQLException {
        int replicas = row.getInt("replicas");
        int running = row.getInt("running");
        return switch (Wanted.of(row.getString("wanted"))) {
            case DELETED -> Status.DELETING;
            case STOPPED -> row.getInt("alive") > 0 ? Status.STOPPING : Status.STOPPED;
            case RUNNING -> {
                if (row.getInt("failed") > 0) {
                    yield running > 0 ? Status.DEGRADED : Status.FAILED;
                }
                int completed = row.getInt("completed");
                if (completed > 0 && completed >= replicas && running == 0) {
                    yield Status.COMPLETED;
                }
                if (running + completed >= replicas) {
                    yield Status.RUNNING;
                }
                if (running > 0) {
                    yield Status.DEGRADED;
                }
                // The pause after the first end is one second; it doubles with each further one.
                if (row.getInt("failing") > 0) {
                    yield Status.FAILING;
                }
                yield row.getInt("coming") > 0 ? Status.STARTING : Status.PENDING;
            }
        };
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
