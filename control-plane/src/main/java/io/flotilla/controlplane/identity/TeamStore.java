package io.flotilla.controlplane.identity;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** SQL of the teams. */
@Repository
class TeamStore {

    private static final String COLUMNS = """
            SELECT t.*, ARRAY(SELECT u.name FROM team_members m JOIN users u ON u.id = m.user_id
                              WHERE m.team_id = t.id ORDER BY u.name) AS members
            FROM teams t""";

    private final JdbcClient jdbc;

    TeamStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Team> all() {
        return jdbc.sql(COLUMNS + " ORDER BY t.name").query(TeamStore::team).list();
    }

    Optional<Team> find(UUID id) {
        return jdbc.sql(COLUMNS + " WHERE t.id = :id")
                .param("id", id)
                .query(TeamStore::team)
                .optional();
    }

    Optional<Team> findByName(String name) {
        return jdbc.sql(COLUMNS + " WHERE t.name = :name")
                .param("name", name)
                .query(TeamStore::team)
                .optional();
    }

    /** Locks the row until the transaction ends: the first lock of a mutation. */
    Optional<Team> lock(UUID id) {
        return jdbc.sql(COLUMNS + " WHERE t.id = :id FOR UPDATE OF t")
                .param("id", id)
                .query(TeamStore::team)
                .optional();
    }

    void reserve(UUID id, Usage delta) {
        jdbc.sql("""
                UPDATE teams SET reserved_cpu_millis = reserved_cpu_millis + :cpu,
                  reserved_memory_bytes = reserved_memory_bytes + :memory,
                  reserved_replicas = reserved_replicas + :replicas, reserved_ports = reserved_ports + :ports
                WHERE id = :id""")
                .param("id", id)
                .param("cpu", delta.cpuMillis())
                .param("memory", delta.memoryBytes())
                .param("replicas", delta.replicas())
                .param("ports", delta.ports())
                .update();
    }

    /** False if the name is taken. */
    boolean insert(UUID id, String name, Quota quota, Instant now) {
        return jdbc.sql("""
                INSERT INTO teams (id, name, created_at, quota_cpu_millis, quota_memory_bytes, quota_replicas, quota_ports)
                VALUES (:id, :name, :now, :cpu, :memory, :replicas, :ports) ON CONFLICT (name) DO NOTHING""")
                        .param("id", id)
                        .param("name", name)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .param("cpu", quota.cpuMillis())
                        .param("memory", quota.memoryBytes())
                        .param("replicas", quota.replicas())
                        .param("ports", quota.ports())
                        .update()
                == 1;
    }

    void setQuota(UUID id, Quota quota) {
        jdbc.sql("""
                UPDATE teams SET quota_cpu_millis = :cpu, quota_memory_bytes = :memory, quota_replicas = :replicas,
                  quota_ports = :ports WHERE id = :id""")
                .param("id", id)
                .param("cpu", quota.cpuMillis())
                .param("memory", quota.memoryBytes())
                .param("replicas", quota.replicas())
                .param("ports", quota.ports())
                .update();
    }

    void delete(UUID id) {
        jdbc.sql("DELETE FROM teams WHERE id = :id").param("id", id).update();
    }

    boolean addMember(UUID team, UUID user, Instant now) {
        return jdbc.sql("INSERT INTO team_members (team_id, user_id, added_at) VALUES (:team, :user, :now)"
                                + " ON CONFLICT DO NOTHING")
                        .param("team", team)
                        .param("user", user)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    boolean removeMember(UUID team, UUID user) {
        return jdbc.sql("DELETE FROM team_members WHERE team_id = :team AND user_id = :user")
                        .param("team", team)
                        .param("user", user)
                        .update()
                == 1;
    }

    private static Team team(ResultSet row, int number) throws SQLException {
        Quota quota = new Quota(
                bound(row, "quota_cpu_millis"),
                bound(row, "quota_memory_bytes"),
                bound(row, "quota_replicas"),
                bound(row, "quota_ports"));
        Usage reserved = new Usage(
                row.getLong("reserved_cpu_millis"),
                row.getLong("reserved_memory_bytes"),
                row.getLong("reserved_replicas"),
                row.getLong("reserved_ports"));
        return new Team(
                row.getObject("id", UUID.class),
                row.getString("name"),
                quota,
                reserved,
                List.of((String[]) row.getArray("members").getArray()),
                row.getTimestamp("created_at").toInstant());
    }

    private static @Nullable Long bound(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
